"""Answers that seem to hold a social security number: a soft warning, never a refusal, never logged."""

from __future__ import annotations

from aap.applications.facts import Reading
from aap.forms.spec import FieldSpec, SectionSpec
from aap.personal_data import holds_nir


def sensitive_fields(reading: Reading) -> list[tuple[SectionSpec, FieldSpec]]:
    """Return the fields whose text holds what looks like a social security number, in the order of the form."""
    return [
        (section, spec)
        for section in reading.form.sections
        for spec in section.fields
        if any(holds_nir(text) for text in _texts(reading.values.get(spec.id)))
    ]


def _texts(value: object) -> list[str]:
    """Return every text of an answer: a line, the cells of a table, the rows of a budget."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    names = getattr(type(value), "__dataclass_fields__", {})
    return [text for name in names for text in _texts(getattr(value, name))]
