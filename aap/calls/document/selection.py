"""How the applications of a call are judged: opinions, jury, grid, ranking, decisions."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, field_validator

from aap.calls.document.shapes import Code, Exact, Flag, Label, Line, Part, Positive, Text, Unit, Whole
from aap.calls.models.selection import DecisionEffect


class Opinion(Part):
    """An advisory opinion asked before the jury; ``scale`` from best to worst."""

    id: Code
    label: Label
    required: Flag
    scale: tuple[Code, ...] = Field(min_length=2)


class College(Part):
    """A college of the jury."""

    college: Label
    seats: Positive
    voting: Flag = True


class Size(Part):
    """Least and most members."""

    min: Positive
    max: Positive


class Scorers(Part):
    """Reviews per application."""

    min: Positive
    max: Positive | None = None


class Declarations(Part):
    """When interests are declared, and what a conflict entails."""

    per_call: Flag
    per_application: Flag
    on_conflict: Text | None = None


class JuryTerms(Part):
    """The jury, without its colleges (rows)."""

    size: Size | None = None
    scorers_per_application: Scorers
    declaration_of_interests: Declarations | None = None
    confidentiality: Text | None = None
    quorum: Unit | None = None


class Jury(JuryTerms):
    """The whole jury section."""

    composition: tuple[College, ...] = ()


class Hearings(Part):
    """Who is heard, and for how long."""

    when: Line
    duration_min: Positive | None = None


class SelectionTerms(Part):
    """The selection, without opinions and colleges (rows)."""

    jury: JuryTerms
    hearings: Hearings | None = None


class Selection(SelectionTerms):
    """The whole selection section."""

    instruction_opinions: tuple[Opinion, ...] = ()
    jury: Jury


class Scale(Part):
    """The default scale of the criteria; ``missing`` words what a missing mark means."""

    min: Exact
    max: Exact
    step: Exact
    missing: Line | None = None


class CriterionScale(Part):
    """The scale of one criterion when it is not the default."""

    min: Exact
    max: Exact
    step: Exact


class Criterion(Part):
    """A criterion of the grid; ``descriptors`` says what some marks mean."""

    id: Code
    label: Line
    weight: Exact
    floor: Exact | None = None
    na_allowed: Flag = False
    scale: CriterionScale | None = None
    guidance: Text = ""
    descriptors: dict[Exact, Text] = Field(default_factory=dict)


class RoundingMode(StrEnum):
    """How a total is rounded for display."""

    HALF_UP = "half_up"


class Rounding(Part):
    """Decimals shown; nothing is computed with a rounded figure."""

    decimals: Whole = Field(default=2, ge=0, le=6)
    mode: RoundingMode = RoundingMode.HALF_UP


class Consistency(Part):
    """When reviews diverge, and when a mark must be justified."""

    divergence_threshold_points: Exact | None = None
    on_divergence: Text | None = None
    justification_required_below: Exact | None = None
    justification_required_at_least: Exact | None = None
    justification_always: Flag = False


class RankingScope(StrEnum):
    """Whether ranks are given in each strand or over the whole call."""

    PER_STRAND = "per_strand"
    OVERALL = "overall"


RANKING_FACTS = ("requested_eur", "requested_rate", "population")


class OrderKey(Part):
    """One key of the order: the total, a criterion, a declared fact, or the draw."""

    name: str
    descending: bool


class Ranking(Part):
    """The order of the ranking: ``total_desc`` first, then ``<criterion>_desc``, facts, and possibly ``draw``."""

    order: tuple[Code, ...] = Field(min_length=1)
    scope: RankingScope = RankingScope.PER_STRAND

    @property
    def keys(self) -> tuple[OrderKey, ...]:
        """The order as names and directions; the draw has no direction and comes as is."""
        split = (key.rpartition("_") for key in self.order if key != "draw")
        return tuple(OrderKey(name=name, descending=way == "desc") for name, _, way in split)

    @property
    def draws(self) -> bool:
        """Tell whether a draw separates what nothing else does."""
        return "draw" in self.order


class AggregationMode(StrEnum):
    """How the totals of the reviews make the total of the application."""

    MEAN = "mean"
    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed_mean"


class Thresholds(Part):
    """Eliminating thresholds on the exact total or on the unweighted sum of the marks."""

    total_min: Exact | None = None
    raw_sum_min: Exact | None = None


class Disclosure(StrEnum):
    """What an applicant is shown of its own marks."""

    CRITERIA = "criteria"
    TOTAL = "total"
    NOTHING = "nothing"


class RubricTerms(Part):
    """The settings of the grid, without its criteria (rows)."""

    id: Code
    scale: Scale
    total_max: Exact
    formula: Text | None = None
    rounding: Rounding = Rounding()
    aggregation: AggregationMode = AggregationMode.MEAN
    na_limit: Unit | None = None
    thresholds: Thresholds | None = None
    consistency: Consistency = Consistency()
    ranking: Ranking
    disclosure: Disclosure = Disclosure.CRITERIA


class Rubric(RubricTerms):
    """The whole grid."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Need(StrEnum):
    """What a decision must come with."""

    RESERVATIONS = "reservations"
    DEADLINE = "deadline"
    RANK = "rank"
    MOTIVE = "motive"


class Decision(Part):
    """A decision the director may take. ``effect`` may be left out: it follows from what the decision needs."""

    id: Code
    label: Label
    guideline: Text | None = None
    needs: tuple[Need, ...] = ()
    effect: DecisionEffect | None = None

    @field_validator("needs")
    @classmethod
    def _distinct(cls, needs: tuple[Need, ...]) -> tuple[Need, ...]:
        return tuple(dict.fromkeys(needs))

    @property
    def implied_effect(self) -> DecisionEffect:
        """The effect when none is written: a rank waits, reservations fund, a motive refuses, nothing funds."""
        if Need.RANK in self.needs:
            return DecisionEffect.WAIT
        if Need.RESERVATIONS in self.needs:
            return DecisionEffect.FUND_WITH_RESERVATIONS
        return DecisionEffect.REFUSE if Need.MOTIVE in self.needs else DecisionEffect.FUND
