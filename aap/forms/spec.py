"""What a form is made of: sections of typed fields.

``calls`` builds these from its document; nothing here knows a call. A ``type`` is a name of
``aap.forms.fields.FIELD_TYPES``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from aap.rules import Rule


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the code kept, the words shown, a hint below and the group it is listed under."""

    value: str
    label: str
    hint: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field, or one column of a table.

    ``min`` and ``max`` bound what the type counts: characters (text), the value itself (number, money, percentage,
    scale), the choices (multiselect), the rows (table and kin) or the megabytes (file); ``max_words`` bounds a text in
    words. ``columns`` are fields too; for a type whose columns are fixed (sites, budget…) they override the column of
    the same id. ``show_if`` and ``required_if`` are read by ``aap.forms.conditions``: every other function takes the
    form as it stands for one applicant. ``source`` names the fact that a computed field shows (none: the places of the
    sites).
    """

    id: str
    type: str
    label: str
    required: bool = False
    max: int | Decimal | None = None
    min: int | Decimal | None = None
    step: int | Decimal | None = None
    max_words: int | None = None
    options: tuple[Option, ...] = ()
    columns: tuple[FieldSpec, ...] = ()
    help: str = ""
    show_if: Rule | None = None
    required_if: Rule | None = None
    source: str = ""

    def option(self, value: str) -> Option | None:
        """Return the option of this code, or ``None``."""
        return next((option for option in self.options if option.value == value), None)

    def column(self, column_id: str) -> FieldSpec | None:
        """Return the column of this id, or ``None``."""
        return next((column for column in self.columns if column.id == column_id), None)


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section, shown as one page when ``show_if`` holds."""

    id: str
    title: str
    fields: tuple[FieldSpec, ...]
    help: str = ""
    show_if: Rule | None = None


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A whole form."""

    sections: tuple[SectionSpec, ...]

    def fields(self) -> Iterator[FieldSpec]:
        """Iterate over the fields of every section, in order."""
        for section in self.sections:
            yield from section.fields

    def field(self, field_id: str) -> FieldSpec | None:
        """Return the field of this id, or ``None``."""
        return next((spec for spec in self.fields() if spec.id == field_id), None)

    def section(self, section_id: str) -> SectionSpec | None:
        """Return the section of this id, or ``None``."""
        return next((section for section in self.sections if section.id == section_id), None)
