"""How far a form is filled: the state of each section, and what remains, field by field."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from aap.errors import Problem
from aap.forms.entries import Values
from aap.forms.fields import Storage, field_type
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec
from aap.forms.unread import Unread, unread_problems


class SectionState(enum.Enum):
    """Where a section stands, for the list of tasks."""

    EMPTY = "empty"
    IN_PROGRESS = "in_progress"
    TO_FIX = "to_fix"
    COMPLETE = "complete"

    @property
    def label(self) -> str:
        """Return the words of the badge."""
        return _LABELS[self]


_LABELS: Mapping[SectionState, str] = {
    SectionState.EMPTY: "À commencer",
    SectionState.IN_PROGRESS: "En cours",
    SectionState.TO_FIX: "À corriger",
    SectionState.COMPLETE: "Complète",
}


@dataclass(frozen=True, slots=True)
class FieldStatus:
    """One field of the summary page. ``place`` of a problem is the name of the input to go to."""

    id: str
    label: str
    empty: bool
    missing: tuple[Problem, ...]
    wrong: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """One section of the task list. ``filled`` and ``total`` count its fields."""

    id: str
    title: str
    state: SectionState
    fields: tuple[FieldStatus, ...]

    @property
    def filled(self) -> int:
        """Return how many fields have an answer."""
        return sum(not status.empty for status in self.fields)

    @property
    def total(self) -> int:
        """Return how many fields there are."""
        return len(self.fields)

    @property
    def missing(self) -> tuple[Problem, ...]:
        """Return what remains to be answered."""
        return tuple(problem for status in self.fields for problem in status.missing)

    @property
    def wrong(self) -> tuple[Problem, ...]:
        """Return what must be mended."""
        return tuple(problem for status in self.fields for problem in status.wrong)

    @property
    def ready(self) -> bool:
        """Tell whether nothing of this section keeps the form from being sent."""
        return not (self.missing or self.wrong)


@dataclass(frozen=True, slots=True)
class FormStatus:
    """The whole form."""

    sections: tuple[SectionStatus, ...]

    @property
    def ready(self) -> bool:
        """Tell whether the form can be sent."""
        return all(section.ready for section in self.sections)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything that keeps the form from being sent, in the order of the form."""
        return tuple(problem for section in self.sections for problem in (*section.missing, *section.wrong))

    @property
    def done(self) -> int:
        """Return how many sections are ready."""
        return sum(section.ready for section in self.sections)


def form_status(form: FormSpec, values: Values, unread: Unread | None = None) -> FormStatus:
    """Return the state of a form. ``unread`` holds the fields kept as typed: answered, and wrong."""
    return FormStatus(tuple(section_status(section, values, unread) for section in form.sections))


def section_status(section: SectionSpec, values: Values, unread: Unread | None = None) -> SectionStatus:
    """Return the state of a section; fields the application computes are not counted."""
    fields = tuple(
        _field_status(spec, values, unread or {})
        for spec in section.fields
        if field_type(spec).storage is not Storage.NONE
    )
    return SectionStatus(section.id, section.title, _state(fields), fields)


def _field_status(spec: FieldSpec, values: Values, unread: Unread) -> FieldStatus:
    kind = field_type(spec)
    if spec.id in unread:
        return FieldStatus(spec.id, spec.label, empty=False, missing=(), wrong=unread_problems(spec, unread[spec.id]))
    value = values.get(spec.id)
    empty = kind.empty(value)
    wrong = () if empty else kind.check(spec, value)
    return FieldStatus(spec.id, spec.label, empty, kind.missing(spec, value), wrong)


def _state(fields: tuple[FieldStatus, ...]) -> SectionState:
    if any(status.wrong for status in fields):
        return SectionState.TO_FIX
    if fields and all(status.empty for status in fields):
        return SectionState.EMPTY
    if any(status.missing for status in fields):
        return SectionState.IN_PROGRESS
    return SectionState.COMPLETE
