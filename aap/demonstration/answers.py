"""Filling in the form of a call from a document, section by section, through the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aap.accounts.models import User
from aap.applications.asked_form import form_of
from aap.applications.models import Application
from aap.applications.service import save_section
from aap.forms.entries import read_document

APPLICANT = (
    "siret",
    "finess",
    "has_cpom",
    "signatory_is_legal",
    "legal_signatory_role",
    "project_lead_role",
    "medical_lead_role",
)
TABLES = ("sites", "partners", "solutions", "staffing", "milestones", "risks", "budget")


def answers_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of an ``application/1`` document under the names of the call's form."""
    applicant = document["applicant"]
    return {
        **document["project"],
        **{key: applicant[key] for key in APPLICANT if key in applicant},
        **{key: document[key] for key in TABLES if key in document},
        "applicant_name": applicant["name"],
        "applicant_type": applicant["type"],
    }


def fill_in(
    application: Application,
    answers: Mapping[str, Any],
    *,
    lead: User,
    now: datetime,
    sections: Iterable[str] | None = None,
) -> None:
    """Save the sections named (all of them by default), as a person who types them one after the other.

    Raises:
        ValueError: an answer cannot be read, or somebody else wrote meanwhile: the document is wrong.

    """
    form = form_of(application.call_version)
    read = read_document(form, answers)
    if read.problems:
        raise ValueError(read.problems)
    wanted = None if sections is None else set(sections)
    versions: dict[str, int] = {}
    for section in form.sections:
        if wanted is not None and section.id not in wanted:
            continue
        values = {spec.id: read.values.get(spec.id) for spec in section.fields if spec.type != "computed"}
        result = save_section(application, section.id, values, versions, actor=lead, now=now)
        if result.conflicts:
            raise ValueError(result.conflicts)
