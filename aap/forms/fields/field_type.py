"""What every field type knows how to do."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from aap.errors import Problem
from aap.forms.spec import FieldSpec

V = TypeVar("V")
Raw = Mapping[str, Sequence[str]]  # what a browser submits: input name -> values
Written = dict[str, tuple[str, ...]]  # the same, written back into the inputs

NOT_GIVEN = "Non renseigné"
MISSING = "Ce champ est obligatoire."


class Storage(enum.Enum):
    """Where the value of a field lives."""

    ANSWER = "answer"  # a row of ``answers``
    ROWS = "rows"  # tables of the owner
    FILE = "file"  # a row of ``answers`` that only an upload writes
    NONE = "none"  # computed


@dataclass(frozen=True, slots=True)
class Parsed(Generic[V]):
    """What came out of a submission: a value, or the problems that keep it from being read.

    ``typed`` is exactly what the person sent, so that the page can show it again.
    """

    value: V | None
    problems: tuple[Problem, ...] = ()
    typed: Written = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a displayed column; numbers are aligned to the right."""

    id: str
    label: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class DisplayTable:
    """A table ready to be shown or printed: every cell is French text."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


class FieldType(ABC, Generic[V]):
    """One type of field. Stateless: everything it needs comes with the ``FieldSpec``.

    ``parse`` only refuses what cannot be read (a word where a number is due, a character no database keeps): a value
    that is readable and wrong is kept in the draft and reported by ``check``.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    storage: ClassVar[Storage] = Storage.ANSWER
    numeric: ClassVar[bool] = False

    @abstractmethod
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[V]:
        """Read what a browser submitted. An absent input is an empty value."""

    @abstractmethod
    def written(self, spec: FieldSpec, value: V | None) -> Written:
        """Return what the inputs hold for this value: the reverse of ``parse``."""

    @abstractmethod
    def to_json(self, spec: FieldSpec, value: V) -> Any:
        """Return the value as JSON; numbers are kept as text, so that no digit is lost."""

    @abstractmethod
    def from_json(self, spec: FieldSpec, value: Any) -> V:
        """Read what ``to_json`` wrote, or the same value in a YAML document.

        Raises:
            UnreadableError: the shape is not one of this type.

        """

    @abstractmethod
    def show(self, spec: FieldSpec, value: V) -> str:
        """Return a non-empty value as French text."""

    def empty(self, value: V | None) -> bool:
        """Tell whether nothing was answered."""
        return value is None or value in ("", ())

    def display(self, spec: FieldSpec, value: V | None) -> str:
        """Return the value as French text for reading screens and documents."""
        return NOT_GIVEN if value is None or self.empty(value) else self.show(spec, value)

    def table(self, spec: FieldSpec, value: V | None) -> tuple[DisplayTable, ...]:  # noqa: ARG002  # tabular types override
        """Return the tables to show instead of the text; none for a simple value."""
        return ()

    def missing(self, spec: FieldSpec, value: V | None) -> tuple[Problem, ...]:
        """Return what remains to be answered before the form can be sent."""
        return (Problem(spec.id, MISSING),) if spec.required and self.empty(value) else ()

    def check(self, spec: FieldSpec, value: V) -> tuple[Problem, ...]:  # noqa: ARG002  # types with rules override
        """Return what is wrong in a non-empty value."""
        return ()

    def warnings(self, spec: FieldSpec, value: V) -> tuple[Problem, ...]:  # noqa: ARG002  # types with doubts override
        """Return what looks doubtful in a non-empty value and refuses nothing."""
        return ()

    def fact(self, value: V | None) -> Any:
        """Return what a rule of the call reads: text, Decimal, bool, date or a tuple of codes."""
        return value

    def validate(self, spec: FieldSpec, value: V | None) -> tuple[Problem, ...]:
        """Return everything that keeps this value from being sent: what is missing and what is wrong."""
        wrong = () if value is None or self.empty(value) else self.check(spec, value)
        return (*self.missing(spec, value), *wrong)


class ScalarType(FieldType[V]):
    """A type held by one input."""

    @abstractmethod
    def read(self, text: str) -> V | None:
        """Read the text of the input; blank text is ``None``.

        Raises:
            UnreadableError: the text is not a value of this type.

        """

    @abstractmethod
    def write(self, value: V) -> str:
        """Return the text of the input for a value."""

    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[V]:
        """Read the last value sent under the name of the field."""
        texts = raw.get(spec.id, ())
        text = texts[-1] if texts else ""
        typed: Written = {spec.id: (text,)}
        try:
            return Parsed(self.read(text), (), typed)
        except UnreadableError as error:
            return Parsed(None, (Problem(spec.id, error.message),), typed)

    def written(self, spec: FieldSpec, value: V | None) -> Written:
        """Return the text of the one input."""
        return {spec.id: ("" if value is None else self.write(value),)}


class UnreadableError(ValueError):
    """A text or a document that is no value of the type, with the French sentence to show."""

    def __init__(self, message: str) -> None:
        """Keep the sentence."""
        super().__init__(message)
        self.message = message
