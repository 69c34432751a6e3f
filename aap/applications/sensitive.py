"""Answers that seem to hold a social security number: a soft warning, never a refusal, never logged."""

from __future__ import annotations

from aap.applications.asked_form import form_of
from aap.applications.models import Application
from aap.forms.queries import get_answers, json_values
from aap.forms.spec import FieldSpec, SectionSpec
from aap.personal_data import holds_nir


def sensitive_fields(application: Application) -> list[tuple[SectionSpec, FieldSpec]]:
    """Return the fields whose text holds what looks like a social security number, in the order of the form."""
    values = json_values(get_answers(application.sheet_id))
    return [
        (section, spec)
        for section in form_of(application.call_version).sections
        for spec in section.fields
        if any(holds_nir(text) for text in _texts(values.get(spec.id)))
    ]


def _texts(value: object) -> list[str]:
    """Return every text of an answer as it is kept: a line, the cells of a table, the rows of a budget."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
