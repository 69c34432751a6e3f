"""The whole ``call/1`` document, and the part of it that a version keeps as a document."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from aap.calls.document.form import Admissibility, Annex, EligibilityRule, FormDocument
from aap.calls.document.funding import Funding, FundingTerms, Obligation, Strand
from aap.calls.document.selection import Decision, Rubric, RubricTerms, Selection, SelectionTerms
from aap.calls.document.shapes import (
    Code,
    Count,
    Day,
    Flag,
    Label,
    Line,
    Mailbox,
    Part,
    Positive,
    Text,
    WallTime,
)
from aap.calls.models.call import CallKind

SCHEMA = "call/1"


class CallStatus(StrEnum):
    """The word of the document for where a call stands. Derived when it is written, ignored when it is read."""

    DRAFT = "draft"
    PUBLISHED = "published"
    OPEN = "open"
    CLOSED = "closed"
    INSTRUCTING = "instructing"
    DELIBERATED = "deliberated"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Roadmap(Part):
    """An action of the regional roadmap that the call serves."""

    axis: Positive
    sheet: str = Field(max_length=20, min_length=1)
    action: str = Field(max_length=20, min_length=1)


class IssuerService(Part):
    """The service in charge of the files, as receipts name it; what is left out is the region's."""

    name: str = Field(default="", max_length=200)
    postal_address: str = Field(default="", max_length=300)
    telephone: str = Field(default="", max_length=40)


class Issuer(Part):
    """Who calls: organisation, service in charge, co-steering bodies, and a generic mailbox (never a person's)."""

    organisation: Line
    service: IssuerService | None = None
    co_steering: tuple[Line, ...] = ()
    contact_mailbox: Mailbox


class ZoneReference(Part):
    """The dated zoning that classes the sites."""

    dataset: Code
    valid_on: Day


class Scope(Part):
    """What the call covers, in codes of the vocabularies."""

    act_types: tuple[Code, ...] = ()
    target_publics: tuple[Code, ...] = ()
    zone_types: tuple[Code, ...] = ()
    zone_reference: ZoneReference | None = None
    territory_levels: tuple[Code, ...] = ()
    applicant_types: tuple[Code, ...] = Field(min_length=1)
    excluded_applicants: tuple[Line, ...] = ()


class Step(Part):
    """A step of the calendar: ``at`` an hour of Paris, or whole days ``from`` … ``to``."""

    id: Code
    label: Label
    at: WallTime | None = None
    from_date: Day | None = Field(default=None, alias="from")
    to_date: Day | None = Field(default=None, alias="to")
    strict: Flag = False

    @model_validator(mode="after")
    def _instant_or_days(self) -> Step:
        days = (self.from_date, self.to_date)
        if (self.at is None) == (days == (None, None)) or (None in days and days != (None, None)):
            raise PydanticCustomError("step", "Une étape a une heure (at), ou des jours (from et to).")
        if self.from_date and self.to_date and self.to_date < self.from_date:
            raise PydanticCustomError("step", "Le dernier jour précède le premier.")
        return self


class Calendar(Part):
    """The calendar, in Paris time."""

    timezone: Literal["Europe/Paris"]
    steps: tuple[Step, ...] = Field(min_length=1)


class Disclosable(StrEnum):
    """What a notification or a publication may show."""

    DECISION = "decision"
    AMOUNT = "amount"
    RESERVATIONS = "reservations"
    OWN_SCORES = "own_scores"
    MOTIVE = "motive"
    RANK = "rank"
    SCORES_OF_REJECTED = "scores_of_rejected"
    REQUESTED_AMOUNTS_OF_REJECTED = "requested_amounts_of_rejected"
    ANNEXES = "annexes"
    WINNER_NAME = "winner_name"
    PROJECT_TITLE = "project_title"
    ABSTRACT = "abstract"
    TERRITORY = "territory"


class Notification(Part):
    """Three profiles of disclosure."""

    to_applicant: tuple[Disclosable, ...] = ()
    never_to_others: tuple[Disclosable, ...] = ()
    public: tuple[Disclosable, ...] = ()


class Publication(Part):
    """Counts of persons below ``mask_below`` are masked in anything published, for the units listed."""

    mask_below: Count = 11
    mask_units: tuple[str, ...] = ()


class VersionDocument(Part):
    """What a version keeps as a document: shown and validated, never counted, joined nor paid."""

    co_steering: tuple[Line, ...] = ()
    issuer_service: IssuerService | None = None
    objectives: tuple[Line, ...] = ()
    scope: Scope
    funding: FundingTerms
    eligibility_rules: tuple[EligibilityRule, ...] = ()
    admissibility: Admissibility = Admissibility()
    form: FormDocument
    annexes: tuple[Annex, ...] = ()
    annexes_max_mb: Positive | None = None
    honour_statements: tuple[Line, ...] = ()
    selection: SelectionTerms | None = None
    rubric: RubricTerms | None = None
    decision_note: Text | None = None
    notification: Notification = Notification()
    publication: Publication = Publication()


class CallBody(Part):
    """Everything under ``call:``, in the order it is written."""

    ref: str = Field(pattern=r"^[A-Z0-9][A-Z0-9._-]{2,39}$", strict=True)
    region: str = Field(pattern=r"^[A-Z0-9]{2,3}$", strict=True)
    status: CallStatus = CallStatus.DRAFT
    title: Line
    short_title: Label
    kind: CallKind
    roadmap_links: tuple[Roadmap, ...] = ()
    issuer: Issuer
    summary: Text
    objectives: tuple[Line, ...] = ()
    scope: Scope
    strands: tuple[Strand, ...] = Field(min_length=1)
    funding: Funding
    calendar: Calendar
    eligibility_rules: tuple[EligibilityRule, ...] = ()
    admissibility: Admissibility = Admissibility()
    form: FormDocument
    annexes: tuple[Annex, ...] = ()
    annexes_max_mb: Positive | None = None
    honour_statements: tuple[Line, ...] = ()
    selection: Selection | None = None
    rubric: Rubric | None = None
    decisions: tuple[Decision, ...] = Field(min_length=1)
    decision_note: Text | None = None
    notification: Notification = Notification()
    reporting_obligations: tuple[Obligation, ...] = ()
    publication: Publication = Publication()
    mandatory_indicators: tuple[Code, ...] = ()
