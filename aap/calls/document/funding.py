"""Money in the ``call/1`` document: strands, funding, instalments.

A class named ``…Terms`` is what stays in the stored document; the class built on it adds what is stored as rows.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from aap.calls.document.shapes import Code, Count, Day, Euros, Flag, Label, Line, Part, Positive, RuleText, Text, Unit
from aap.calls.models.funding import InstalmentTrigger


class Strand(Part):
    """A strand and its envelope."""

    id: Code
    label: Line
    description: Text | None = None
    envelope_eur: Euros


class Duration(Part):
    """Shortest and longest project, in months."""

    min: Positive
    max: Positive


class Cap(Part):
    """A ceiling in euros, under a condition: ``when`` is the text shown, ``if`` the rule."""

    when: Line
    condition: RuleText | None = Field(default=None, alias="if")
    max: Euros


class CategoryShare(Part):
    """Limits on one budget category, as shares."""

    category: Code
    max_share_of_subsidy: Unit | None = None
    min_share_of_subsidy: Unit | None = None
    max_share_of_total: Unit | None = None
    min_share_of_total: Unit | None = None


class Cofunding(Part):
    """Whether other funders are required, the applicant's least own share, and who is accepted."""

    required: Flag
    own_share_min: Unit | None = None
    accepted: tuple[Code, ...] = ()


class Instalment(Part):
    """One instalment of the payment schedule; ``on`` only with the trigger ``date``."""

    rank: Positive
    share: Unit
    trigger: InstalmentTrigger
    on: Day | None = None
    label: Label


class ContractForm(Part):
    """The form of the contract under a condition; the first that holds applies."""

    when: Line
    condition: RuleText | None = Field(default=None, alias="if")
    form: Code


class RateBasis(StrEnum):
    """Which zone of the sites gives the rate."""

    HALF_OF_CAPACITY = "best_zone_with_half_of_capacity"
    BEST_SITE = "best_zone_of_sites"


class FundingTerms(Part):
    """What is shown and validated about money, beside the amounts and rates kept as rows."""

    source: Line
    multi_year: Flag = False
    rate_basis: RateBasis | None = None
    rate_note: Text | None = None
    partial_levels: tuple[Unit, ...] = ()
    eligible_costs: dict[Code, tuple[Line, ...]] = Field(default_factory=dict)
    ineligible_costs: tuple[Line, ...] = ()
    cofunding: Cofunding | None = None
    balance_rule: Text | None = None
    contract_form: tuple[ContractForm, ...] = ()


class Funding(FundingTerms):
    """The whole funding section."""

    envelope_eur: Euros
    project_duration_months: Duration
    cap_eur: tuple[Cap, ...] = ()
    max_rate_by_zone: dict[Code, Unit] = Field(default_factory=dict)
    category_rules: tuple[CategoryShare, ...] = ()
    payment_schedule: tuple[Instalment, ...] = ()


class Obligation(Part):
    """A report due ``month`` months after the start; ``unlocks_payment`` is the rank of an instalment."""

    id: Code
    label: Label
    month: Count
    grace_days: Count = 0
    unlocks_payment: Positive | None = None
