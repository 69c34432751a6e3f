"""The file to read, for the lead, the agency, the jury and the PDF: what it is made of, frozen."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from aap.applications.checks.plan import Judgement
from aap.applications.models import ApplicationState
from aap.files.models import ScanState
from aap.forms.fields import DisplayTable


class Audience(enum.Enum):
    """For whom a file is read."""

    LEAD = "lead"
    GUEST = "guest"  # somebody the lead invited to read: without confidential pieces
    AGENCY = "agency"
    OPINION = "opinion"  # without confidential pieces
    JURY = "jury"  # without blind fields, confidential pieces and history


@dataclass(frozen=True, slots=True)
class DossierField:
    """One answer as it is read. ``tables`` replace ``text`` when there are some."""

    id: str
    label: str
    text: str
    tables: tuple[DisplayTable, ...]
    empty: bool
    long: bool


@dataclass(frozen=True, slots=True)
class DossierSection:
    """One section of the form."""

    id: str
    title: str
    fields: tuple[DossierField, ...]


@dataclass(frozen=True, slots=True)
class DossierLine:
    """An expense, in euros; ``category`` is the French label."""

    key: str
    category: str
    label: str
    quantity: Decimal | None
    unit_price_eur: Decimal | None
    amount_eur: Decimal
    requested_eur: Decimal
    has_quote: bool
    quote_ref: str = ""
    paid_by: tuple[tuple[str, Decimal], ...] = ()  # earmarked incomes that this line takes, with their funder


@dataclass(frozen=True, slots=True)
class DossierFunder:
    """An income, in euros; ``kind`` and ``status`` are French labels, ``earmarks`` keys of lines."""

    key: str
    name: str
    kind: str
    status: str
    amount_eur: Decimal | None
    earmarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """What one category costs and asks, in euros."""

    category: str
    amount_eur: Decimal
    requested_eur: Decimal


@dataclass(frozen=True, slots=True)
class DossierBudget:
    """The budget: lines, funders, and totals recomputed from them. ``requested_rate`` is exact, or ``None``."""

    lines: tuple[DossierLine, ...]
    funders: tuple[DossierFunder, ...]
    categories: tuple[CategoryTotal, ...]
    expenses: Decimal
    income: Decimal
    requested: Decimal
    requested_rate: Fraction | None
    rules: tuple[Judgement, ...] = ()

    @property
    def reserved(self) -> Decimal:
        """Return the sum of the earmarked incomes that fit in their lines, in euros."""
        return sum((amount for line in self.lines for _, amount in line.paid_by), Decimal(0))

    @property
    def balanced(self) -> bool:
        """Tell whether expenses equal income."""
        return self.expenses == self.income


@dataclass(frozen=True, slots=True)
class DossierPiece:
    """A piece in force. ``subject_label`` names the partner or co-funder it is about."""

    id: uuid.UUID
    subject_label: str
    name: str
    media_type: str
    size: int
    sha256: str
    storage_key: str
    note: str
    added_at: datetime
    scan: ScanState = ScanState.NOT_SCANNED


@dataclass(frozen=True, slots=True)
class DossierAnnex:
    """An annex of the call with its pieces, whether it is required here, and what is missing."""

    key: str
    label: str
    required: bool | None
    because: str
    confidential: bool
    pieces: tuple[DossierPiece, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What happened: words, hour, who (hidden from the jury and, for staff, from the lead), and the reason."""

    at: datetime
    event: str
    label: str
    actor_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole file, frozen."""

    id: uuid.UUID
    reference: str | None
    title: str
    acronym: str
    applicant_name: str
    call_ref: str
    call_title: str
    strand_label: str
    state: ApplicationState
    state_label: str
    tone: str
    submitted_at: datetime | None
    sections: tuple[DossierSection, ...]
    budget: DossierBudget
    annexes: tuple[DossierAnnex, ...]
    history: tuple[HistoryRow, ...]
