"""The form, the annexes and the eligibility rules of a call: shown and validated, so kept as a document."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, ModelWrapValidatorHandler, SerializerFunctionWrapHandler, model_serializer, model_validator

from aap.calls.document.facts import Nature
from aap.calls.document.shapes import Code, Count, Exact, Flag, Line, Part, Path, Positive, RuleText, Text


class FieldKind(StrEnum):
    """What a field of a form holds: names of ``aap.forms.fields.FIELD_TYPES``."""

    TEXT = "text"
    LONGTEXT = "longtext"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    SIRET = "siret"
    FINESS = "finess"
    RNA = "rna"
    RPPS = "rpps"
    IBAN = "iban"
    COMMUNE = "commune"
    DEPARTMENT = "department"
    NUMBER = "number"
    INTEGER = "integer"
    MONEY = "money"
    PERCENTAGE = "percentage"
    RATE = "rate"
    SCALE = "scale"
    DATE = "date"
    MONTH = "month"
    YESNO = "yesno"
    CHECKBOX = "checkbox"
    SELECT = "select"
    MULTISELECT = "multiselect"
    CHECKLIST = "checklist"
    TABLE = "table"
    REPEAT = "repeat"
    SITES = "sites"
    PARTNERS = "partners"
    SOLUTIONS = "solutions"
    MILESTONES = "milestones"
    BUDGET = "budget"
    INDICATORS = "indicators"
    COMPUTED = "computed"
    FILE = "file"


CHOICES = frozenset({FieldKind.SELECT, FieldKind.MULTISELECT, FieldKind.CHECKLIST})
COLUMN_KINDS = frozenset(
    {
        FieldKind.TEXT,
        FieldKind.LONGTEXT,
        FieldKind.NUMBER,
        FieldKind.INTEGER,
        FieldKind.MONEY,
        FieldKind.PERCENTAGE,
        FieldKind.RATE,
        FieldKind.SCALE,
        FieldKind.DATE,
        FieldKind.MONTH,
        FieldKind.YESNO,
        FieldKind.CHECKBOX,
        FieldKind.SELECT,
        FieldKind.MULTISELECT,
        FieldKind.EMAIL,
        FieldKind.PHONE,
        FieldKind.URL,
        FieldKind.SIRET,
        FieldKind.FINESS,
        FieldKind.RNA,
        FieldKind.RPPS,
        FieldKind.IBAN,
        FieldKind.COMMUNE,
        FieldKind.DEPARTMENT,
    }
)
WORDED = frozenset({FieldKind.TEXT, FieldKind.LONGTEXT})
BOUNDED = frozenset(
    {
        FieldKind.NUMBER,
        FieldKind.INTEGER,
        FieldKind.MONEY,
        FieldKind.PERCENTAGE,
        FieldKind.RATE,
        FieldKind.SCALE,
    }
)
UNIQUE = frozenset({FieldKind.SITES, FieldKind.PARTNERS, FieldKind.BUDGET, FieldKind.INDICATORS, FieldKind.MILESTONES})

_RECORDS = dict.fromkeys(
    (
        FieldKind.TABLE,
        FieldKind.REPEAT,
        FieldKind.SITES,
        FieldKind.PARTNERS,
        FieldKind.SOLUTIONS,
        FieldKind.MILESTONES,
        FieldKind.BUDGET,
        FieldKind.INDICATORS,
    ),
    Nature.RECORDS,
)
NATURES: dict[FieldKind, Nature] = {
    **dict.fromkeys(FieldKind, Nature.TEXT),
    **dict.fromkeys(BOUNDED, Nature.NUMBER),
    FieldKind.DATE: Nature.DAY,
    FieldKind.MONTH: Nature.DAY,
    FieldKind.YESNO: Nature.FLAG,
    FieldKind.CHECKBOX: Nature.FLAG,
    FieldKind.SELECT: Nature.CODE,
    FieldKind.MULTISELECT: Nature.CODES,
    FieldKind.CHECKLIST: Nature.RECORDS,
    FieldKind.FILE: Nature.FILE,
    **_RECORDS,
}


class Option(Part):
    """A choice: a bare code takes its words from the vocabularies, ``{id, label}`` brings its own."""

    id: Code
    label: Line | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _from_code(cls, data: Any, handler: ModelWrapValidatorHandler[Option]) -> Option:
        return handler({"id": data} if isinstance(data, str) else data)

    @model_serializer(mode="wrap")
    def _to_code(self, handler: SerializerFunctionWrapHandler) -> Any:
        return self.id if self.label is None else handler(self)


class Column(Part):
    """A column of a table."""

    id: Code
    type: FieldKind
    required: Flag = False
    min: Exact | None = None
    max: Exact | None = None
    ref: Path | None = None
    options: tuple[Option, ...] = ()
    label: Line


class FormField(Part):
    """A field. ``min`` and ``max`` bound the number, the length of a text or the count of lines, by its type.

    ``max_words`` bounds a text in words, ``max_mb`` the size of a file in megabytes; ``show_if`` and ``required_if``
    are rules; ``blind`` hides the answer from jurors; ``public`` lets it be published. A field of type ``file`` is
    answered by a file: rules may ask whether it is ``filled``, and its ``id`` is no annex's. A ``computed`` field shows
    the fact that ``ref`` names (``budget.requested_rate``), or without it the zone of each site.
    """

    id: Code
    type: FieldKind
    required: Flag = False
    required_if: RuleText | None = None
    show_if: RuleText | None = None
    ref: Path | None = None
    min: Exact | None = None
    max: Exact | None = None
    step: Exact | None = None
    max_words: Positive | None = None
    max_mb: Positive | None = None
    options: tuple[Option, ...] = ()
    label: Line
    hint: Text | None = None
    blind: Flag = False
    public: Flag = False
    columns: tuple[Column, ...] = ()


class Section(Part):
    """A section of the form: one page, shown when ``show_if`` holds."""

    id: Code
    title: Line
    hint: Text | None = None
    show_if: RuleText | None = None
    fields: tuple[FormField, ...] = Field(min_length=1)


class FormDocument(Part):
    """The form of a call."""

    sections: tuple[Section, ...] = Field(min_length=1)

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Every field, in order."""
        return tuple(field for section in self.sections for field in section.fields)

    def section(self, section_id: str) -> Section | None:
        """Return a section by its identifier."""
        return next((section for section in self.sections if section.id == section_id), None)

    def field(self, field_id: str) -> FormField | None:
        """Return a field by its identifier."""
        return next((field for field in self.fields if field.id == field_id), None)


PER_LINES = "lines"  # an annex asked for expense lines: its rule is judged line by line


class Annex(Part):
    """A document to join: always (``required``), under a rule (``required_if``), one per line of a list (``per``).

    With ``per: lines`` the rule says which expense lines ask for the document: it reads each line alone.
    """

    id: Code
    label: Line
    required: Flag = False
    required_if: RuleText | None = None
    per: Code | None = None
    confidential: Flag = False
    hint: Text | None = None
    max_mb: Positive | None = None


class CheckMode(StrEnum):
    """Who answers an eligibility rule: the application, or the instructor with a motive."""

    AUTO = "auto"
    MANUAL = "manual"


class EligibilityRule(Part):
    """A condition of admissibility; ``check`` is its rule when the mode is ``auto``."""

    id: Code
    mode: CheckMode
    blocking: Flag
    label: Line
    hint: Text | None = None
    check: RuleText | None = None


class CompletionRequests(Part):
    """Whether documents may be asked for after the closing, how often, and the days given."""

    allowed: Flag
    max_rounds: Count = 1
    delay_days: Positive = 10


class Admissibility(Part):
    """How admissibility is decided and its possible outcomes (codes of the vocabulary).

    ``signature_required``: a signatory of the applicant signs the file before its deposit.
    """

    signature_required: Flag = False
    completion_requests: CompletionRequests | None = None
    outcomes: tuple[Code, ...] = ()
