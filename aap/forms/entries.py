"""From a submission or a document to typed values, one section or one form at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aap.errors import Problem
from aap.forms.fields import FieldType, Raw, Storage, UnreadableError, Written, field_type
from aap.forms.spec import FormSpec, SectionSpec
from aap.forms.unread import Unread, can_be_kept, unread_inputs, unread_texts

Values = Mapping[str, Any]  # field id -> typed value, ``None`` for no answer


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """What a person sent for a section.

    ``values`` holds the fields that could be read, ``unread`` the inputs of those that could not: both are to be
    saved. ``unreadable`` says why, ``wrong`` what is read and must be mended before sending, ``doubts`` what deserves
    another look. ``typed`` fills the inputs again: exactly what was sent where a field could not be read, the saved
    value elsewhere. ``refused`` names the fields too large to be kept even as typed.
    """

    values: Values
    unread: Unread
    unreadable: tuple[Problem, ...]
    wrong: tuple[Problem, ...]
    doubts: tuple[Problem, ...]
    typed: Written
    refused: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what the page shows in its summary."""
        return (*self.unreadable, *self.wrong)


@dataclass(frozen=True, slots=True)
class ReadValues:
    """Typed values of a form, and what could not be read."""

    values: Values
    problems: tuple[Problem, ...]


def read_section(section: SectionSpec, raw: Raw) -> SectionEntry:
    """Read the fields of a section from what a browser sent, those that a file answers left aside."""
    values: dict[str, Any] = {}
    unreadable: list[Problem] = []
    wrong: list[Problem] = []
    doubts: list[Problem] = []
    typed: Written = {}
    unread: dict[str, Written] = {}
    for spec in section.fields:
        kind = field_type(spec)
        if kind.storage is Storage.FILE:
            continue
        parsed = kind.parse(spec, raw)
        if parsed.problems:
            unreadable.extend(parsed.problems)
            typed |= parsed.typed
            unread[spec.id] = parsed.typed
            continue
        values[spec.id] = None if kind.empty(parsed.value) else parsed.value
        typed |= kind.written(spec, parsed.value)
        if values[spec.id] is not None:
            wrong.extend(kind.check(spec, parsed.value))
            doubts.extend(kind.warnings(spec, parsed.value))
    kept = {key: texts for key, texts in unread.items() if can_be_kept(texts)}
    refused = tuple(key for key in unread if key not in kept)
    return SectionEntry(values, kept, tuple(unreadable), tuple(wrong), tuple(doubts), typed, refused)


def written_section(section: SectionSpec, values: Values, unread: Unread | None = None) -> Written:
    """Return what the inputs of a section hold for these values, or hold as typed where they could not be read."""
    written: Written = {}
    for spec in section.fields:
        as_typed = (unread or {}).get(spec.id)
        written |= field_type(spec).written(spec, values.get(spec.id)) if as_typed is None else unread_inputs(as_typed)
    return written


def typed_values(form: FormSpec, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed values of stored answers (field id -> JSON).

    An answer whose field left the form, or whose shape its field no longer reads, is absent: its text stays in the
    revisions.
    """
    return dict(read_document(form, stored).values)


def read_document(form: FormSpec, document: Mapping[str, Any]) -> ReadValues:
    """Read the values of a form from stored answers or from a YAML document; other keys are ignored."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for spec in form.fields():
        given = document.get(spec.id)
        if given is None or unread_texts(given) is not None:
            continue
        kind: FieldType[Any] = field_type(spec)
        try:
            value = kind.from_json(spec, given)
        except UnreadableError as error:
            problems.append(Problem(spec.id, error.message))
            continue
        if not kind.empty(value):
            values[spec.id] = value
    return ReadValues(values, tuple(problems))


def facts(form: FormSpec, values: Values) -> dict[str, Any]:
    """Return what the rules of a call read of the answers: field id -> text, Decimal, bool, date or tuple of codes."""
    return {spec.id: field_type(spec).fact(values.get(spec.id)) for spec in form.fields()}
