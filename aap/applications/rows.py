"""What the answers of a file are projected to: the application's own rows, or others made aside."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from aap.applications.models import (
    ApplicationAct,
    ApplicationPublic,
    BudgetLine,
    Funder,
    Partner,
    Site,
)
from aap.calls.models import CallVersion


class FileRows(Protocol):
    """The columns and the rows of a file: those of an ``Application``, read only."""

    @property
    def call_version(self) -> CallVersion:
        """The version of the call that the file answers."""

    @property
    def label(self) -> str:
        """The title, or a word saying that there is none yet."""

    @property
    def acronym(self) -> str:
        """The short name, or an empty text."""

    @property
    def applicant_name(self) -> str:
        """The name of the applicant."""

    @property
    def applicant_type(self) -> str | None:
        """The code of the kind of applicant."""

    @property
    def has_cpom(self) -> bool | None:
        """Whether the applicant has a multi-year contract; ``None``: not said."""

    @property
    def duration_months(self) -> int | None:
        """The duration, in months."""

    @property
    def requested_eur(self) -> Decimal:
        """The subsidy asked, in euros."""

    @property
    def total_expenses(self) -> Decimal:
        """The sum of the expenses, in euros."""

    @property
    def total_income(self) -> Decimal:
        """The sum of the incomes, in euros."""

    @property
    def sites(self) -> Sequence[Site]:
        """The sites, in order."""

    @property
    def partners(self) -> Sequence[Partner]:
        """The partners, in order."""

    @property
    def budget_lines(self) -> Sequence[BudgetLine]:
        """The expenses, in order."""

    @property
    def funders(self) -> Sequence[Funder]:
        """The incomes, in order."""

    @property
    def publics(self) -> Sequence[ApplicationPublic]:
        """The publics, in order."""

    @property
    def acts(self) -> Sequence[ApplicationAct]:
        """The acts, in order."""
