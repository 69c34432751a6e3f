"""A sheet in words: the same text for the public, for its reviewers and for those who write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from aap import french
from aap.capitalisation.body import Body, Dimension, IdentityCard, Metadata, TechnicalComparison
from aap.capitalisation.printing import ANSWERS
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import label, labels

Rows = list[tuple[str, ...]]
REACHED, MISSED, UNKNOWN = "Cible atteinte", "Cible non atteinte", "–"
NOT_MEASURED = "non mesuré"


class ShownFigure(Protocol):
    """A figure, published or still read through its measure."""

    @property
    def label(self) -> str:
        """What is counted."""
        ...

    @property
    def unit(self) -> str:
        """The unit shown."""
        ...

    @property
    def baseline(self) -> Decimal | str | None:
        """The starting value."""
        ...

    @property
    def target(self) -> Decimal | str | None:
        """The target."""
        ...

    @property
    def final(self) -> Decimal | str | None:
        """The last value."""
        ...

    @property
    def missed(self) -> bool | None:
        """Whether the target is missed; ``None`` when nothing can be said."""
        ...


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A line of the table of results: words, and whether the target is reached."""

    label: str
    baseline: str
    target: str
    final: str
    result: str
    tone: str


@dataclass(frozen=True, slots=True)
class SheetText:
    """Everything a sheet tells, ready for the components of pages."""

    title: str
    hook: str
    summary: str
    body: Body
    identity: list[tuple[str, str]]
    results: list[ResultLine]
    dimensions: list[tuple[str, Dimension]]
    comparison_heads: list[str]
    comparison: Rows
    tools: Rows
    classification: list[tuple[str, str]]

    @property
    def key_figures(self) -> list[tuple[str, str, str]]:
        """Return the first four results, for the strip under the title."""
        return [(line.label, line.final, f"départ : {line.baseline}") for line in self.results[:4]]


def sheet_text(title: str, hook: str, summary: str, body: Body, figures: Sequence[ShownFigure]) -> SheetText:
    """Return a sheet in words."""
    return SheetText(
        title=title,
        hook=hook,
        summary=summary,
        body=body,
        identity=_identity(body.identity_card),
        results=[_result(figure) for figure in figures],
        dimensions=_dimensions(body),
        comparison_heads=["Point technique", "Domaine", *(f"Solution {name}" for name in _solutions(body))],
        comparison=_comparison(body.technical_comparison),
        tools=[(tool.label, label("tool_types", tool.type), tool.format) for tool in body.toolbox],
        classification=_classification(body.metadata),
    )


def _solutions(body: Body) -> tuple[str, ...]:
    return body.technical_comparison.solutions


def _identity(card: IdentityCard) -> list[tuple[str, str]]:
    months = [french.month(date.fromisoformat(f"{end}-01")) for end in (card.period.start, card.period.end) if end]
    rows = [
        ("Porteur", card.lead),
        ("Partenaires", ", ".join(card.partners)),
        ("Période", " à ".join(months)),
        ("Population", card.population),
        ("Moyens humains", card.staff),
        ("Budget", _euros(card.budget_eur)),
        ("Dépense réelle", _euros(card.spent_eur)),
        ("Part de l'agence", _euros(card.ars_eur)),
        ("Cofinanceurs", ", ".join(card.cofunders)),
        ("Contact", card.contact),
    ]
    return [row for row in rows if row[1]]


def _euros(value: Decimal | None) -> str:
    return "" if value is None else french.euros(value)


def _result(figure: ShownFigure) -> ResultLine:
    words, tone = UNKNOWN, "neutral"
    if figure.missed is not None:
        words, tone = (MISSED, "warning") if figure.missed else (REACHED, "success")
    return ResultLine(
        label=figure.label,
        baseline=_value(figure.baseline, figure.unit) or NOT_MEASURED,
        target=_value(figure.target, figure.unit) or "pas de cible",
        final=_value(figure.final, figure.unit) or NOT_MEASURED,
        result=words,
        tone=tone,
    )


def _value(value: Decimal | str | None, unit: str) -> str:
    if value is None:
        return ""
    words = value if isinstance(value, str) else french.number(value)
    return f"{words}{french.HARD}{unit.removeprefix('note ')}"


def _dimensions(body: Body) -> list[tuple[str, Dimension]]:
    written = ((key, getattr(body.dimensions, key)) for key in type(body.dimensions).model_fields)
    return [
        (label("sheet_dimensions", key), part)
        for key, part in written
        if part.what_was_done or part.what_worked or part.what_did_not or part.advice
    ]


def _comparison(comparison: TechnicalComparison) -> Rows:
    return [
        (row.point, row.group, *(ANSWERS[row.answers[name]].capitalize() for name in comparison.solutions))
        for row in comparison.rows
    ]


def _classification(metadata: Metadata) -> list[tuple[str, str]]:
    places = {place.code: f"{place.name} ({place.code})" for place in list_departments()}
    rows = [
        ("Départements", ", ".join(places.get(code, code) for code in metadata.departements)),
        ("Territoires", ", ".join(metadata.territories)),
        ("Publics", ", ".join(labels("target_publics", metadata.target_publics))),
        ("Actes", ", ".join(labels("act_types", metadata.act_types))),
        ("Lieux", ", ".join(labels("settings", metadata.settings))),
        ("Spécialités", ", ".join(labels("specialties", metadata.specialties))),
        ("Zones", ", ".join(labels("zone_types", metadata.zones))),
        ("Parcours", ", ".join(labels("pathways", metadata.pathways))),
        ("Financement", ", ".join(labels("funder_kinds", metadata.funding))),
        ("Maturité", label("maturity", metadata.maturity) if metadata.maturity else ""),
        ("Mots clés", ", ".join(metadata.keywords)),
    ]
    return [row for row in rows if row[1]]
