"""The application of the example documents, and what writes it through the services."""

from __future__ import annotations

import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName, User
from aap.applications.asked_form import form_of
from aap.applications.models import Application
from aap.applications.service import Upload, attach_piece, save_section
from aap.calls.document.loading import load
from aap.clock import from_paris
from aap.forms.entries import read_document
from aap.storage import Storage

PUBLISHED = from_paris(datetime(2023, 9, 4, 9))  # noqa: DTZ001  # a wall-clock hour of Paris
DRAFTED = from_paris(datetime(2023, 10, 2, 10, 15))  # noqa: DTZ001  # same
DEPOSITED = from_paris(datetime(2023, 11, 3, 16, 42))  # noqa: DTZ001  # same
CLOSING = from_paris(datetime(2023, 11, 6, 12))  # noqa: DTZ001  # same
PDF = b"%PDF-1.7 fictif"
CALL_FILE = files("aap.demonstration") / "data" / "call.yaml"


def example(name: str) -> Any:
    """Return the tree of an example document."""
    return load((files("aap.demonstration") / "data" / name).read_bytes()).tree


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part."""

    lead: User
    officer: User
    administrator: User
    dd: User
    dd_elsewhere: User
    dcgdr: User
    grades: User
    reader: User
    stranger: User


def make_user(session: Session, name: str, role: RoleName | None = None, department: str | None = None) -> User:
    """Add a person with one role in Île-de-France."""
    user = User(email=f"{name}@exemple.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=PUBLISHED, family_name=name)
    if role is not None:
        user.regional_roles = [
            RegionalRole(region_code="IDF", role=role, department_code=department, granted_at=PUBLISHED)
        ]
    session.add(user)
    session.flush()
    return user


def case_answers() -> dict[str, Any]:
    """Return the answers of the example under the names of the call's form."""
    tree = example("application.yaml")["application"]
    applicant = {
        "applicant_name": tree["applicant"]["name"],
        "applicant_type": tree["applicant"]["type"],
        **{
            key: tree["applicant"][key]
            for key in (
                "siret",
                "finess",
                "has_cpom",
                "signatory_is_legal",
                "legal_signatory_role",
                "project_lead_role",
                "medical_lead_role",
            )
        },
    }
    tables = {key: tree[key] for key in ("sites", "partners", "solutions", "staffing", "milestones", "risks", "budget")}
    return {**tree["project"], **applicant, **tables}


def write_answers(application: Application, answers: Mapping[str, Any], lead: User, now: datetime = DRAFTED) -> None:
    """Save every section of the form through the service."""
    form = form_of(application.call_version)
    read = read_document(form, answers)
    assert read.problems == ()
    for section in form.sections:
        values = {spec.id: read.values.get(spec.id) for spec in section.fields if spec.type != "computed"}
        result = save_section(application, section.id, values, {}, actor=lead, now=now)
        assert result.conflicts == ()


def join_pieces(
    application: Application, lead: User, store: Storage, now: datetime = DRAFTED, *, skipping: Container[str] = ()
) -> None:
    """Join what the example provides: one file per partner, per co-funder, seven quotes, one for the others."""
    for annex in example("application.yaml")["application"]["annexes"]:
        if not annex["provided"] or annex["id"] in skipping:
            continue
        subjects = [""] * int(annex.get("count", 1))
        if annex["id"] == "A09":
            subjects = [partner.key for partner in application.partners]
        elif annex["id"] == "A11":
            subjects = ["F02", "F03"]
        for number, subject in enumerate(subjects):
            upload = Upload([PDF], f"{annex['id']}-{number}.pdf", 1_000_000)
            attach_piece(application, annex["id"], upload, storage=store, actor=lead, now=now, subject=subject)
