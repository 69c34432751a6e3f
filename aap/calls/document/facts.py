"""What the rules of a call may read: the built-in facts, the fields of its form, and the named rules.

The list heads the example document. Computing the facts and the named rules belongs to ``applications``; here are
their names, natures and parameters, so that a call that cites something else is refused at import.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from aap.rules import Operator, Parameter, ParameterKind, Signature


class Nature(enum.Enum):
    """What a fact holds; each word completes "ce champ est…"."""

    TEXT = "un texte"
    NUMBER = "un nombre"
    FLAG = "une réponse par oui ou non"
    CODE = "un choix"
    CODES = "un choix multiple"
    DAY = "une date"
    INSTANT = "une date et une heure"
    RECORDS = "un tableau"
    FILE = "un fichier"


FACTS: Mapping[str, Nature] = MappingProxyType(
    {
        "submitted_at": Nature.INSTANT,
        "applicant.type": Nature.CODE,
        "applicant.has_cpom": Nature.FLAG,
        "duration_months": Nature.NUMBER,
        "sites.count": Nature.NUMBER,
        "sites.zone": Nature.CODES,
        "target_publics": Nature.CODES,
        "act_types": Nature.CODES,
        "partners": Nature.RECORDS,
        "cofunders": Nature.RECORDS,
        "budget.total_expenses": Nature.NUMBER,
        "budget.total_income": Nature.NUMBER,
        "budget.requested_eur": Nature.NUMBER,
        "budget.requested_rate": Nature.NUMBER,
        "budget.lines": Nature.RECORDS,
    }
)

# What the rule of an annex asked for expense lines (``per: lines``) reads besides: the line it is judged for.
LINE_FACTS: Mapping[str, Nature] = MappingProxyType(
    {"line.category": Nature.CODE, "line.amount_eur": Nature.NUMBER, "line.requested_eur": Nature.NUMBER}
)

FACT_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "submitted_at": "Date et heure de dépôt",
        "applicant.type": "Catégorie de porteur",
        "applicant.has_cpom": "Structure sous CPOM",
        "duration_months": "Durée (mois)",
        "sites.count": "Nombre de sites",
        "sites.zone": "Zones des sites",
        "target_publics": "Publics",
        "act_types": "Actes de télésanté",
        "partners": "Partenaires",
        "cofunders": "Cofinanceurs",
        "budget.total_expenses": "Total des dépenses",
        "budget.total_income": "Total des ressources",
        "budget.requested_eur": "Montant demandé",
        "budget.requested_rate": "Taux de subvention demandé",
        "budget.lines": "Lignes de dépenses",
        "line.category": "Poste de la dépense",
        "line.amount_eur": "Montant de la dépense",
        "line.requested_eur": "Part demandée pour la dépense",
    }
)

# The list of the call's scope, or of the referentials, whose codes a fact takes.
FACT_CODES: Mapping[str, str] = MappingProxyType(
    {
        "applicant.type": "scope.applicant_types",
        "sites.zone": "scope.zone_types",
        "target_publics": "scope.target_publics",
        "act_types": "scope.act_types",
        "line.category": "referentials.budget_categories",
    }
)

SIGNATURES: Mapping[str, Signature] = MappingProxyType(
    {
        signature.name: signature
        for signature in (
            Signature(
                "within_cap",
                "le montant demandé respecte le plafond applicable",
                facts=("budget.requested_eur", "sites.count"),
            ),
            Signature(
                "within_rate",
                "le taux de subvention respecte le maximum de la zone",
                facts=("budget.requested_rate", "sites.zone"),
            ),
            Signature(
                "category_shares",
                "les plafonds par poste de dépense sont respectés",
                facts=("budget.lines", "budget.requested_eur", "budget.total_expenses"),
            ),
            Signature("annexes_complete", "les pièces obligatoires sont présentes"),
            Signature(
                "partners",
                "le dossier réunit au moins {min} partenaires (catégories attendues : {including})",
                (
                    Parameter("min", ParameterKind.NUMBER),
                    Parameter("including", ParameterKind.CODES, required=False),
                ),
                facts=("partners",),
            ),
            Signature(
                "line_over",
                "une ligne de dépense du poste « {category} » dépasse {amount_eur}",
                (Parameter("category", ParameterKind.CODE), Parameter("amount_eur", ParameterKind.NUMBER)),
                facts=("budget.lines",),
            ),
        )
    }
)

_ORDER = frozenset({Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN})
_ONE = frozenset({Operator.EQ, Operator.NE, Operator.FILLED})

OPERATORS: Mapping[Nature, frozenset[Operator]] = MappingProxyType(
    {
        Nature.TEXT: _ONE | {Operator.IN, Operator.NOT_IN},
        Nature.NUMBER: _ONE | _ORDER | {Operator.IN, Operator.NOT_IN},
        Nature.FLAG: _ONE,
        Nature.CODE: _ONE | {Operator.IN, Operator.NOT_IN},
        Nature.CODES: frozenset({Operator.INTERSECTS, Operator.CONTAINS, Operator.FILLED}),
        Nature.DAY: _ONE | _ORDER,
        Nature.INSTANT: _ONE | _ORDER,
        Nature.RECORDS: frozenset({Operator.FILLED}),
        Nature.FILE: frozenset({Operator.FILLED}),
    }
)
