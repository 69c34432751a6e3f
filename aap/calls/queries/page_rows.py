"""What the page of a call shows: frozen rows, in French words where a code would say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aap.calls.phases import LABELS, PUBLIC_LABELS, TONES, CallPhase, StepRow
from aap.calls.queries.revisions import GridRevisionRow


@dataclass(frozen=True, slots=True)
class StrandLine:
    """A strand and its envelope in euros."""

    key: str
    label: str
    description: str
    envelope_eur: Decimal


@dataclass(frozen=True, slots=True)
class CapLine:
    """A ceiling in euros and when it applies."""

    when: str
    max_eur: Decimal


@dataclass(frozen=True, slots=True)
class RateLine:
    """The largest share that the agency pays in a zone (0 to 1)."""

    zone: str
    zone_label: str
    max_rate: Decimal


@dataclass(frozen=True, slots=True)
class CostLine:
    """A category of expenses, examples of what is eligible, and its limits in words."""

    category: str
    label: str
    examples: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstalmentLine:
    """An instalment: rank, share of the subsidy (0 to 1), when."""

    rank: int
    share: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion, its weight, its scale, its eliminating floor and what some marks mean (mark, text)."""

    key: str
    label: str
    guidance: str
    weight: Decimal
    min_mark: Decimal
    max_mark: Decimal
    floor: Decimal | None
    descriptors: tuple[tuple[Decimal, str], ...]


@dataclass(frozen=True, slots=True)
class AnnexLine:
    """A document to prepare: ``required`` always, else ``condition`` in French, or optional when both are empty."""

    key: str
    label: str
    required: bool
    condition: str
    per: str
    confidential: bool
    hint: str

    @property
    def obligation(self) -> str:
        """When it is asked for, in a few words."""
        words = f"obligatoire si {self.condition}" if self.condition else "facultative"
        words = "obligatoire" if self.required else words
        return f"{words}, {self.per}" if self.per else words


@dataclass(frozen=True, slots=True)
class EligibilityLine:
    """A condition of admissibility; ``rule`` is its wording when the application checks it by itself."""

    key: str
    label: str
    blocking: bool
    rule: str


@dataclass(frozen=True, slots=True)
class AmendmentLine:
    """A date that moved after publication. ``before`` and ``after`` are written in French."""

    step_label: str
    before: str
    after: str
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ObligationLine:
    """A report that funded projects owe, in months after their start."""

    label: str
    month: int


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A possible decision and its guideline."""

    label: str
    guideline: str


@dataclass(frozen=True, slots=True)
class FundingPart:
    """How much: envelope, ceilings, rates, costs, instalments."""

    envelope_eur: Decimal
    source: str
    multi_year: bool
    duration_min_months: int
    duration_max_months: int
    strands: tuple[StrandLine, ...]
    caps: tuple[CapLine, ...]
    rates: tuple[RateLine, ...]
    rate_note: str
    costs: tuple[CostLine, ...]
    ineligible_costs: tuple[str, ...]
    cofunding_required: bool
    own_share_min: Decimal | None
    cofunders: tuple[str, ...]
    instalments: tuple[InstalmentLine, ...]
    balance_rule: str
    contracts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AudiencePart:
    """For whom: applicants, publics, acts, zones, in French words."""

    applicants: tuple[str, ...]
    excluded: tuple[str, ...]
    publics: tuple[str, ...]
    acts: tuple[str, ...]
    zones: tuple[str, ...]
    zoning: str
    territories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelectionPart:
    """How applications are judged."""

    criteria: tuple[CriterionLine, ...]
    total_max: Decimal | None
    formula: str
    opinions: tuple[str, ...]
    colleges: tuple[str, ...]
    hearings: str
    decisions: tuple[DecisionLine, ...]
    decision_note: str


@dataclass(frozen=True, slots=True)
class PublishedRules:
    """What the version of a call decides by itself; ``indicators`` are codes."""

    funding: FundingPart
    eligibility: tuple[EligibilityLine, ...]
    annexes: tuple[AnnexLine, ...]
    selection: SelectionPart
    obligations: tuple[ObligationLine, ...]
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallPage:
    """The published page of a call, frozen at ``now``."""

    ref: str
    kind_label: str
    title: str
    short_title: str
    summary: str
    objectives: tuple[str, ...]
    region_code: str
    region_name: str
    issuer: str
    co_steering: tuple[str, ...]
    contact_mailbox: str
    phase: CallPhase
    cancel_reason: str
    opens_at: datetime | None
    closes_at: datetime | None
    questions_until: datetime | None
    published_at: datetime | None
    steps: tuple[StepRow, ...]
    amendments: tuple[AmendmentLine, ...]
    audience: AudiencePart
    funding: FundingPart
    eligibility: tuple[EligibilityLine, ...]
    form_sections: tuple[str, ...]
    annexes: tuple[AnnexLine, ...]
    selection: SelectionPart
    grid_revisions: tuple[GridRevisionRow, ...]
    obligations: tuple[ObligationLine, ...]
    indicators: tuple[str, ...]
    mask_below: int

    @property
    def is_open(self) -> bool:
        """Tell whether applications may be submitted."""
        return self.phase is CallPhase.OPEN

    @property
    def phase_label(self) -> str:
        """The phase as staff read it."""
        return LABELS[self.phase]

    @property
    def public_phase_label(self) -> str:
        """The phase as everybody reads it."""
        return PUBLIC_LABELS[self.phase]

    @property
    def tone(self) -> str:
        """The tone of the phase's badge."""
        return TONES[self.phase]
