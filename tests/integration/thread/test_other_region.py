"""A call of another region, with another form, scale and jury: drafted, marked by halves, ranked out of twenty."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from aap import french
from aap.accounts.models import MembershipRole, Organisation, RoleName, User
from aap.accounts.service import OrganisationCard, create_organisation, grant_role, join_organisation
from aap.applications.models import Application, ApplicationState
from aap.applications.service import (
    close_instruction,
    decide_admissibility,
    give_opinion,
    list_obstacles,
    start_application,
    submit,
    tick_manual_rule,
)
from aap.applications.verdicts import list_annexes
from aap.awards.inputs import DecisionInput, OpinionInput
from aap.awards.letters import decision_letter
from aap.awards.models import Decision
from aap.awards.service import decide, notify, record_jury_opinion
from aap.calls.models import Call, CallRole
from aap.calls.queries import current_version
from aap.calls.service import add_team_member, import_call
from aap.db import db
from aap.demonstration.answers import fill_in
from aap.demonstration.examples import read_bytes
from aap.demonstration.pieces import join_required
from aap.demonstration.stage import at, hour
from aap.errors import InvalidError
from aap.jury.models import JuryMember
from aap.jury.queries import get_summary, list_ranking
from aap.jury.service import (
    MarkInput,
    add_member,
    assign,
    close_due_scoring,
    commit_draw,
    save_review,
    sign_declaration,
    start_review,
    submit_review,
)
from aap.policies import may, visible
from tests.integration.thread.conftest import Stage

pytestmark = pytest.mark.sqlite

ANSWERS: dict[str, Any] = {
    "applicant_type": "cpts",
    "contact": "equipe@flandre.exemple.invalid",
    "team_size": 9,
    "charter": True,
    "target_publics": ["ald"],
    "pathologies": ["bpco"],
    "premiere_inclusion": "2025-04",
    "consentement": "Information orale puis écrite ; le refus ne change rien aux soins.",
    "sites": [
        {"name": "Maison Lys (fictive)", "commune": "59991", "departement": "59", "capacity": 40},
        {"name": "Maison Deûle (fictive)", "commune": "59991", "departement": "59", "capacity": 25},
    ],
    "partners": [{"name": "Pharmacie du Lys (fictive)", "category": "pharmacie", "role": "Bilan de médication"}],
    "journees": [{"jour": "lundi", "creneaux": 6, "cout": Decimal("180.50")}],
    "maturite": Decimal("6.5"),
    "duration_months": 24,
    "budget": {
        "lines": [
            {
                "id": "L01",
                "category": "rh",
                "label": "Coordination",
                "qty": 24,
                "unit_price": Decimal("1500.50"),
                "amount": 36012,
                "ars_share": 30000,
            },
            {
                "id": "L02",
                "category": "evaluation",
                "label": "Enquête auprès des aidants",
                "qty": 1,
                "unit_price": 30000,
                "amount": 30000,
                "ars_share": 20000,
            },
        ],
        "income": [
            {"id": "F01", "funder": "Agence", "kind": "subvention", "amount": 50000, "status": "demande"},
            {"id": "F02", "funder": "Équipe", "kind": "autofinancement", "amount": 16012, "status": "acquis"},
        ],
    },
    "variable_share": Decimal("12.5"),
}
SECTIONS = ("equipe", "patients", "organisation", "finances")
FIRST = {"SERVICE": "8,5", "EQUIPE": "7", "COUT": "6,5", "NUMERIQUE": "4"}
SECOND = {"SERVICE": "4,5", "EQUIPE": "5,5", "COUT": "6", "NUMERIQUE": "2"}


def _people(stage: Stage) -> tuple[User, User, User]:
    """Give an officer, a director and a departmental correspondent to the other region."""
    officer, director, local = (stage.people[name] for name in ("instruction2", "direction", "dd95"))
    with at(stage.clock, hour("2024-09-01T08:00:00")) as now:
        grant_role(officer, "HDF", RoleName.OFFICER, now=now)
        grant_role(director, "HDF", RoleName.DIRECTOR, now=now)
        grant_role(local, "HDF", RoleName.DD, now=now, department_code="59")
    return officer, director, local


def _call(stage: Stage, officer: User) -> Call:
    with at(stage.clock, hour("2024-09-02T09:00:00")) as now:
        call = import_call(read_bytes("hdf.yaml"), None, now, publish=True).call
        add_team_member(call, officer, CallRole.OFFICER, officer, now)
    return call


def _organisation(stage: Stage, lead: User) -> Organisation:
    card = OrganisationCard(name="Équipe de la Lys (fictive)", kind="cpts", department_code="59")
    with at(stage.clock, hour("2024-09-10T09:00:00")) as now:
        organisation = create_organisation(card, region_code="HDF", now=now)
        join_organisation(lead, organisation, MembershipRole.MANAGER, now)
    return organisation


def _deposit(stage: Stage, call: Call, lead: User, organisation: Organisation, strand: str) -> Application:
    with at(stage.clock, hour("2024-10-01T10:00:00")) as now:
        application = start_application(
            current_version(call), lead=lead, now=now, strand_key=strand, organisation=organisation
        )
    with at(stage.clock, hour("2024-10-02T10:00:00")) as now:
        fill_in(application, ANSWERS, lead=lead, now=now, sections=SECTIONS)
    with at(stage.clock, hour("2024-10-03T10:00:00")) as now:
        _check_one_agreement_per_site(application)
        with pytest.raises(InvalidError) as refused:
            submit(application, actor=lead, now=now)
        assert "annex-P2" in {problem.place for problem in refused.value.problems}
    with at(stage.clock, hour("2024-10-04T10:00:00")) as now:
        join_required(application, lead=lead, now=now)
        assert list_obstacles(application, now) == ()
        submit(application, actor=lead, now=now)
    return application


def _check_one_agreement_per_site(application: Application) -> None:
    agreement = next(one for one in list_annexes(application, hour("2024-10-03T10:00:00")) if one.key == "P2")
    assert [slot.subject_label for slot in agreement.slots] == ["Maison Lys (fictive)", "Maison Deûle (fictive)"]


def _instruct(stage: Stage, application: Application, officer: User, local: User) -> None:
    with at(stage.clock, hour("2024-11-20T10:00:00")) as now:
        tick_manual_rule(application, "R5", passed=True, because="Deux accords lus.", actor=officer, now=now)
        decide_admissibility(application, "recevable", "", actor=officer, now=now)
    with at(stage.clock, hour("2024-11-25T10:00:00")) as now:
        give_opinion(application, "dd", "favorable", "", actor=local, now=now)
        close_instruction(application, actor=officer, now=now)


def _jury(stage: Stage, call: Call, officer: User) -> list[JuryMember]:
    colleges = current_version(call).colleges
    with at(stage.clock, hour("2024-12-01T10:00:00")) as now:
        commit_draw(call, actor=officer, now=now)
        members = [
            add_member(call, stage.people[f"jury{number}"], colleges[0], actor=officer, now=now) for number in (1, 2)
        ]
        for member in members:
            sign_declaration(
                member, has_interests=False, text="", dpi_up_to_date=True, links=[], actor=member.user, now=now
            )
    return members


def _mark(stage: Stage, member: JuryMember, application: Application, marks: dict[str, str], officer: User) -> None:
    entries = {key: MarkInput(value, comment="Justifiée en séance.") for key, value in marks.items()}
    with at(stage.clock, hour("2024-12-10T10:00:00")) as now:
        assign(member, application, actor=officer, now=now)
        review = start_review(member, application, actor=member.user, now=now)
        with pytest.raises(InvalidError):
            save_review(review, {"SERVICE": MarkInput("7,25")}, actor=member.user, now=now)
        save_review(review, entries, actor=member.user, now=now)
        submit_review(review, actor=member.user, now=now)


def test_a_call_of_another_region_is_drafted_marked_by_halves_and_ranked_out_of_twenty(stage: Stage) -> None:
    officer, director, local = _people(stage)
    call = _call(stage, officer)
    lead, other = stage.people["porteur.rosiers"], stage.people["porteur.tilleuls"]
    organisation = _organisation(stage, lead)
    first = _deposit(stage, call, lead, organisation, "PRIM")
    second = _deposit(stage, call, other, organisation, "HAD")
    assert [first.reference, second.reference] == ["HDF-SAS-2024-02-0001", "HDF-SAS-2024-02-0002"]
    assert (first.region_code, first.department_code, first.requested_eur) == ("HDF", "59", Decimal(50000))
    _check_regions(stage, first)
    for application in (first, second):
        _instruct(stage, application, officer, local)
    members = _jury(stage, call, officer)
    for member, marks in zip(members, (FIRST, {**FIRST, "SERVICE": "9"}), strict=True):
        _mark(stage, member, first, marks, officer)
    for member in members:
        _mark(stage, member, second, SECOND, officer)
    with at(stage.clock, hour("2025-01-10T18:00:00")) as now:
        assert close_due_scoring(now) == 2
    _check_marks(call, first, second)
    _check_letter(stage, first, officer, director)


def _check_regions(stage: Stage, application: Application) -> None:
    """No officer, director or reader of another agency sees the file."""
    for name in ("instruction", "administration", "finances", "copil", "dd77", "dcgdr"):
        person = stage.people[name]
        assert not may(person, "application.read", application), name
        assert db.session.scalars(select(Application.id).where(visible(person, Application))).all() == [], name


def _check_marks(call: Call, first: Application, second: Application) -> None:
    """37.5, 32.5 and 30 of a hundred, marks out of ten, brought to twenty; the informative criterion weighs nothing."""
    assert {first.state, second.state} == {ApplicationState.SCORED}
    summary = get_summary(first.id)
    one, two = (Fraction(375 * service + 325 * 70 + 300 * 65, 5000) for service in (85, 90))
    assert [review.total for review in summary.reviews] == [one, two]
    assert summary.mean == (one + two) / 2 == Fraction("15.0125")
    assert summary.total_maximum == 20
    rows = list_ranking(call.id)
    assert [(row.reference, row.rank_overall) for row in rows] == [
        ("HDF-SAS-2024-02-0001", 1),
        ("HDF-SAS-2024-02-0002", 2),
    ]
    assert french.mark(rows[0].total, 1) == french.mark(summary.mean, 1)


def _check_letter(stage: Stage, application: Application, officer: User, director: User) -> None:
    """This call tells its applicants the decision, the amount and the motive: never a mark."""
    kind = next(one for one in application.call_version.decision_kinds if one.key == "retenu")
    with at(stage.clock, hour("2025-01-16T10:00:00")) as now:
        advice = OpinionInput(kind=kind, amount_eur=Decimal(50000), motive="Projet solide.")
        record_jury_opinion(application, advice, actor=officer, now=now)
    with at(stage.clock, hour("2025-01-31T10:00:00")) as now:
        decide(application, DecisionInput(kind=kind, granted_eur=Decimal(50000), motive=""), actor=director, now=now)
    with at(stage.clock, hour("2025-02-10T09:00:00")) as now:
        notify(application, actor=officer, now=now)
    decision = db.session.scalars(select(Decision).where(Decision.application_id == application.id)).one()
    letter = decision_letter(decision, hour("2025-02-10T09:00:00").date())
    assert letter.granted_eur == Decimal(50000)
    assert letter.marks == ()
    assert letter.total is None
