"""Budgets that balance: expenses by line, the agency's part of each, and who pays the rest. In euros."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

RATES = {"ZIP_PLUS": 78, "ZIP": 73, "ZAC": 58, None: 57}  # per cent asked, just under what the call allows in a zone
COFUNDERS = (
    "Conseil régional (exemple)",
    "Conseil départemental (exemple)",
    "Caisse des dépôts (exemple)",
    "Fondation pour l'accès aux soins (fictive)",
)


@dataclass(frozen=True, slots=True)
class _Expense:
    category: str
    label: str
    qty: Decimal
    unit_price: int
    quote: bool

    @property
    def amount(self) -> Decimal:
        return (self.qty * self.unit_price).quantize(Decimal("0.01"))


def make_budget(rng: Random, sites: int, zone: str | None, equipment: str) -> dict[str, Any]:
    """Return a balanced budget of an ``application/1`` document for a project on ``sites`` sites."""
    expenses = _expenses(rng, sites, equipment)
    rate = RATES[zone] - rng.randint(0, 8)
    shares = [_tens(expense.amount * rate / 100) for expense in expenses]
    lines = [
        {
            "id": f"L{number:02d}",
            "category": expense.category,
            "label": expense.label,
            "qty": expense.qty,
            "unit_price": expense.unit_price,
            "amount": expense.amount,
            "ars_share": share,
            "quote": expense.quote,
        }
        for number, (expense, share) in enumerate(zip(expenses, shares, strict=True), start=1)
    ]
    total = sum((expense.amount for expense in expenses), Decimal(0))
    return {"lines": lines, "income": _income(rng, total, sum(shares, Decimal(0)))}


def _expenses(rng: Random, sites: int, equipment: str) -> list[_Expense]:
    months = Decimal(rng.randint(4, 5) * sites)
    return [
        _Expense("investissement", equipment, Decimal(sites), rng.randrange(5800, 7600, 100), quote=True),
        _Expense("investissement", "Raccordement et réseau des sites", Decimal(sites), 1900, quote=True),
        _Expense(
            "fonctionnement", "Abonnement à la plateforme (par site et par mois)", Decimal(24 * sites), 175, quote=True
        ),
        _Expense("fonctionnement", "Maintenance et support", Decimal(2 * sites), 900, quote=True),
        _Expense("rh", "Temps infirmier d'accompagnement (mois)", months, 4600, quote=False),
        _Expense("rh", "Temps de coordination médicale (mois)", Decimal("1.2"), 9500, quote=False),
        _Expense("ingenierie", "Conduite de projet (mois)", Decimal("2.4"), 5200, quote=False),
        _Expense("formation", "Sessions de formation des équipes", Decimal(2 * sites), 900, quote=False),
        _Expense("evaluation", "Recueil, enquêtes et fiche de capitalisation", Decimal(1), 6500, quote=False),
    ]


def _income(rng: Random, total: Decimal, asked: Decimal) -> list[dict[str, Any]]:
    """Share what the agency does not pay between a co-funder and the applicant, which keeps at least half of it."""
    rest = total - asked
    given = (rest * rng.randint(35, 50) / 100).quantize(Decimal(100), rounding=ROUND_DOWN)
    status = rng.choice(("demande", "acquis"))
    return [
        {"id": "F01", "funder": "ARS – FIR", "kind": "subvention", "amount": asked, "status": "demande"},
        {"id": "F02", "funder": rng.choice(COFUNDERS), "kind": "cofinancement", "amount": given, "status": status},
        {
            "id": "F03",
            "funder": "Fonds propres du porteur et des partenaires",
            "kind": "autofinancement",
            "amount": rest - given,
            "status": "acquis",
        },
    ]


def _tens(amount: Decimal) -> Decimal:
    return (amount / 10).quantize(Decimal(1), rounding=ROUND_DOWN) * 10
