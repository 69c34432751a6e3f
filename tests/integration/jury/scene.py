"""The jury of the example call: its people, its files ready to be marked, and the marks of the example."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName, User
from aap.applications.models import (
    Application,
    ApplicationState,
    BudgetLine,
    Funder,
    FundingStatus,
    IncomeKind,
    Partner,
)
from aap.calls.document.loading import load
from aap.calls.models import Call, CallVersion
from aap.clock import from_paris
from aap.forms.models import AnswerSheet
from aap.jury.models import JuryMember, Review
from aap.jury.service import (
    LinkInput,
    MarkInput,
    add_member,
    assign,
    save_review,
    sign_declaration,
    start_review,
    submit_review,
)


def at(text: str) -> datetime:
    """Read an hour of Paris."""
    return from_paris(datetime.fromisoformat(text))


PUBLISHED = at("2023-09-04T09:00:00")
NAMED = at("2023-12-01T10:00:00")
MARKING = at("2023-12-20T10:00:00")
SCORING_START = at("2023-12-13T09:00:00")
SCORING_END = at("2024-01-09T18:00:00")
SESSION = at("2024-01-18T10:00:00")
DECISION = at("2024-01-31T12:00:00")
NOTIFICATION = at("2024-02-07T09:00:00")


def example(name: str) -> Any:
    """Return the tree of an example document."""
    return load((files("aap.demonstration") / "data" / name).read_bytes()).tree


CASE = example("application.yaml")["application"]
NOTES = {row["juror"]: row.get("notes") for row in CASE["review"]["scores"]}


def make_user(session: Session, name: str, *roles: RoleName, department: str | None = None) -> User:
    """Add a person with roles in Île-de-France."""
    user = User(
        email=f"{name.lower()}@exemple.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=PUBLISHED, family_name=name
    )
    user.regional_roles = [
        RegionalRole(region_code="IDF", role=role, department_code=department, granted_at=PUBLISHED) for role in roles
    ]
    session.add(user)
    session.flush()
    return user


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part."""

    lead: User
    officer: User
    administrator: User
    director: User
    finance: User
    reader: User
    dd: User
    stranger: User


def make_file(
    session: Session,
    version: CallVersion,
    lead: User,
    number: int,
    *,
    strand: str = "B",
    requested_eur: Decimal = Decimal(100000),
    **columns: Any,
) -> Application:
    """Add a file ready for the jury, with figures enough to be ranked."""
    found = next(row for row in version.strands if row.key == strand)
    sheet = AnswerSheet()
    session.add(sheet)
    session.flush()
    known: dict[str, Any] = {
        "title": f"Projet {number}",
        "applicant_name": f"Porteur {number}",
        "total_expenses": requested_eur * 2,
        "total_income": requested_eur * 2,
        "department_code": "77",
        "state": ApplicationState.INSTRUCTED,
        "reference": f"{version.call.ref}-{number:04d}",
        "submitted_at": at("2023-11-03T16:42:00"),
    }
    application = Application(
        call_version_id=version.id,
        call_version=version,
        strand_id=found.id,
        region_code="IDF",
        sheet_id=sheet.id,
        lead_id=lead.id,
        lead=lead,
        requested_eur=requested_eur,
        created_at=PUBLISHED,
        **{**known, **columns},
    )
    session.add(application)
    session.flush()
    return application


def make_case(session: Session, version: CallVersion, lead: User) -> Application:
    """Add the file of the example: partners, budget and funders as deposited."""
    applicant, project, budget = CASE["applicant"], CASE["project"], CASE["budget"]
    application = make_file(
        session,
        version,
        lead,
        17,
        strand=CASE["strand"],
        requested_eur=Decimal(budget["totals"]["requested"]),
        title=project["title"],
        acronym=project["acronym"],
        abstract=project["abstract"],
        applicant_name=applicant["name"],
        applicant_type=applicant["type"],
        siret=applicant["siret"],
        finess=applicant["finess"],
        has_cpom=applicant["has_cpom"],
        duration_months=project["duration_months"],
        population=project["population"],
        total_expenses=Decimal(budget["totals"]["expenses"]),
        total_income=Decimal(budget["totals"]["income"]),
    )
    application.partners = [
        Partner(key=f"P{n}", name=row["name"], category=row["category"], position=n)
        for n, row in enumerate(CASE["partners"])
    ]
    application.budget_lines = [
        BudgetLine(
            key=row["id"],
            category=row["category"],
            label=row["label"],
            quantity=Decimal(row["qty"]),
            unit_price_eur=Decimal(row["unit_price"]),
            amount_eur=Decimal(row["amount"]),
            requested_eur=Decimal(row["ars_share"]),
            position=n,
        )
        for n, row in enumerate(budget["lines"])
    ]
    application.funders = [
        Funder(
            key=row["id"],
            name=row["funder"],
            kind=IncomeKind(row["kind"]),
            amount_eur=Decimal(row["amount"]),
            status=FundingStatus(row["status"]),
            position=n,
        )
        for n, row in enumerate(budget["income"])
    ]
    session.flush()
    return application


def seat(
    session: Session,
    call: Call,
    name: str,
    college: int,
    officer: User,
    *,
    signed: bool = True,
    links: tuple[LinkInput, ...] = (),
    chair: bool = False,
) -> JuryMember:
    """Add a member to the jury, in a college by its place in the call, with a signed declaration."""
    user = make_user(session, name)
    version = call.versions[-1]
    member = add_member(call, user, version.colleges[college], actor=officer, now=NAMED, chair=chair)
    if signed:
        sign_declaration(
            member,
            has_interests=bool(links),
            text="",
            dpi_up_to_date=True,
            links=links,
            actor=user,
            now=NAMED,
        )
    return member


def fill(
    member: JuryMember, application: Application, notes: dict[str, Any], *, now: datetime = MARKING, comment: str = ""
) -> Review:
    """Fill a draft with marks."""
    review = start_review(member, application, actor=member.user, now=now)
    entries = {key: MarkInput(value=str(value), comment=comment) for key, value in notes.items()}
    return save_review(review, entries, actor=member.user, now=now)


def mark(
    member: JuryMember, application: Application, notes: dict[str, Any], officer: User, *, now: datetime = MARKING
) -> Review:
    """Assign a file, fill the grid and submit it."""
    assign(member, application, actor=officer, now=NAMED)
    review = fill(member, application, notes, now=now, comment="Voir la séance.")
    return submit_review(review, actor=member.user, now=now)


def even(value: int) -> dict[str, int]:
    """Return the same mark on every criterion of the example's grid."""
    return {f"C{number}": value for number in range(1, 9)}
