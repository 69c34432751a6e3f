"""Filling in the form of a call from a document, section by section, through the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from aap.accounts.models import User
from aap.applications.asked_form import form_of
from aap.applications.models import Application
from aap.applications.projection import project
from aap.applications.service import save_section
from aap.forms.entries import Values, read_document
from aap.forms.service import save_answers
from aap.forms.spec import FormSpec

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
    for section, values in _read(form, answers, sections):
        result = save_section(application, section, values, {}, actor=lead, now=now)
        if result.conflicts:
            raise ValueError(result.conflicts)


def fill_in_at_once(
    application: Application,
    answers: Mapping[str, Any],
    *,
    lead: User,
    now: datetime,
    sections: Iterable[str],
) -> None:
    """Save several sections in one go: what the living instance can afford fifty times.

    Raises:
        ValueError: as ``fill_in``.

    """
    form = form_of(application.call_version)
    values = {key: value for _, part in _read(form, answers, sections) for key, value in part.items()}
    known = {key: 1 for key, value in values.items() if value is not None and key in _PREFILLED}
    result = save_answers(application.sheet_id, form, values, known, actor_id=lead.id, now=now)
    if result.conflicts:
        raise ValueError(result.conflicts)
    project(application, form, values, result.saved)


# What the service has filled in from the organisation's card when the draft was opened.
_PREFILLED = frozenset(("applicant_name", "applicant_type", "siret", "finess"))


def _read(form: FormSpec, answers: Mapping[str, Any], sections: Iterable[str] | None) -> Iterator[tuple[str, Values]]:
    read = read_document(form, answers)
    if read.problems:
        raise ValueError(read.problems)
    wanted = None if sections is None else set(sections)
    for section in form.sections:
        if wanted is None or section.id in wanted:
            yield section.id, {spec.id: read.values.get(spec.id) for spec in section.fields if spec.type != "computed"}
