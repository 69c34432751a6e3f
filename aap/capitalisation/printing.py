"""From a publication to the frozen data of its PDF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from aap import french
from aap.capitalisation.body import Body, IdentityCard, TechnicalComparison, read_body
from aap.capitalisation.models import SheetPublication
from aap.clock import paris
from aap.documents import sheet as document
from aap.referentials.vocabularies import label

ANSWERS = {"oui": "oui", "partiel": "partiel", "non": "non", "inconnu": "non connu"}


def printed_sheet(publication: SheetPublication, public_url: str) -> document.CapitalisationSheet:
    """Return what the PDF of a publication shows: the same texts and the same masked figures as the page."""
    content = publication.content
    body = read_body(content["body"])
    card = body.identity_card
    return document.CapitalisationSheet(
        agency=content["agency"],
        reference=publication.reference,
        version=publication.version,
        title=publication.title,
        hook=publication.hook,
        summary=publication.summary,
        published_on=paris(publication.published_at).date(),
        review_due=publication.review_due,
        licence=publication.licence,
        url=f"{public_url}/fiches/{publication.slug}",
        identity=_identity(card),
        budget_eur=card.budget_eur,
        spent_eur=card.spent_eur,
        subsidy_eur=card.ars_eur,
        context=body.context,
        objectives=body.objectives,
        steps=tuple(document.Step(step.when, step.title, step.text) for step in body.steps),
        dimensions=_dimensions(body),
        results=tuple(_result(figure) for figure in content["figures"]),
        results_limits=body.results_limits,
        comparison=_comparison(body.technical_comparison),
        success_factors=body.success_factors,
        barriers=body.barriers,
        transferability=_transferability(body),
        verbatims=tuple(document.Verbatim(words.role, words.text) for words in body.verbatims),
        toolbox=tuple(document.Tool(label("tool_types", tool.type), tool.label, tool.format) for tool in body.toolbox),
        evaluation=evaluation_sentence(content["evaluation"]),
        keywords=body.metadata.keywords,
    )


def evaluation_sentence(evaluation: dict[str, Any] | None) -> str:
    """Say in a sentence which evaluation stands behind the sheet; nothing when there is none."""
    if not evaluation:
        return ""
    sentence = f"Fiche tirée du projet évalué {evaluation['project']}."
    if evaluation.get("recommendation"):
        words = label("recommendations", evaluation["recommendation"]).lower()
        sentence += f" Recommandation : {words}"
        if evaluation.get("decided_on"):
            sentence += f", décision du {french.day(date.fromisoformat(evaluation['decided_on']))}"
        sentence += "."
    return sentence


def _identity(card: IdentityCard) -> tuple[tuple[str, str], ...]:
    period = " – ".join(
        french.month(date.fromisoformat(f"{end}-01")) for end in (card.period.start, card.period.end) if end
    )
    rows = (
        ("Porteur", card.lead),
        ("Partenaires", ", ".join(card.partners)),
        ("Période", period),
        ("Population", card.population),
        ("Moyens humains", card.staff),
        ("Cofinanceurs", ", ".join(card.cofunders)),
        ("Contact", card.contact),
    )
    return tuple(row for row in rows if row[1])


def _dimensions(body: Body) -> tuple[document.Dimension, ...]:
    written = ((key, getattr(body.dimensions, key)) for key in type(body.dimensions).model_fields)
    return tuple(
        document.Dimension(
            label("sheet_dimensions", key), part.what_was_done, part.what_worked, part.what_did_not, part.advice
        )
        for key, part in written
        if part.what_was_done or part.what_worked or part.what_did_not or part.advice
    )


def shown_value(value: str | None) -> Decimal | str | None:
    """Read a published value back: a number, a masked text, or nothing."""
    if value is None:
        return None
    return value if not value.lstrip("-").replace(".", "", 1).isdigit() else Decimal(value)


def _result(figure: dict[str, Any]) -> document.Result:
    missed = figure["missed"]
    return document.Result(
        label=figure["label"],
        unit=figure["unit"],
        baseline=shown_value(figure["baseline"]),
        target=shown_value(figure["target"]),
        final=shown_value(figure["final"]),
        reached=None if missed is None else not missed,
    )


def _comparison(comparison: TechnicalComparison) -> document.Comparison | None:
    if not comparison.rows:
        return None
    return document.Comparison(
        note=comparison.note,
        solutions=comparison.solutions,
        rows=tuple(
            document.ComparisonRow(
                row.group, row.point, tuple(ANSWERS[row.answers[solution]] for solution in comparison.solutions)
            )
            for row in comparison.rows
        ),
    )


def _transferability(body: Body) -> document.Transferability | None:
    part = body.transferability
    if not (part.conditions or part.adaptable or part.not_transferable or part.cost_to_replicate):
        return None
    return document.Transferability(part.conditions, part.adaptable, part.not_transferable, part.cost_to_replicate)
