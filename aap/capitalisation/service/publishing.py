"""Publishing a sheet: figures frozen and masked, reference and licence given, facets counted, PDF promised."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, or_, select

from aap.accounts.models import User
from aap.capitalisation import checks
from aap.capitalisation.body import Body, read_body
from aap.capitalisation.models import Sheet, SheetCounter, SheetFacet, SheetPublication, SheetState
from aap.capitalisation.queries.figures import Figure, is_outdated, list_figures
from aap.capitalisation.queries.reading import find_current
from aap.capitalisation.service.circuit import tell_writers
from aap.capitalisation.states import SHEET_WORKFLOW
from aap.capitalisation.text import plain
from aap.clock import paris
from aap.db import db
from aap.evaluation.arithmetic import add_months
from aap.evaluation.masking import Publication, masked
from aap.evaluation.queries import get_conclusion
from aap.evaluation.service import follow_sheet_publication
from aap.evaluation.service.stamping import stamped
from aap.outbox import promise
from aap.referentials.queries import get_region
from aap.referentials.vocabularies import known_label
from aap.workflow import SYSTEM, apply

REVIEW_MONTHS = 24  # the rules of remote care change: every sheet is read again after two years
FACET_LENGTH = 120

CORRECTED = "Une mesure validée a été corrigée depuis la publication."
REVIEW_DUE = "La relecture prévue deux ans après la publication est due."


def publish_sheet(sheet: Sheet, *, actor: User, now: datetime) -> SheetPublication:
    """Publish the validated version: from now on the public reads it, and nothing of it changes.

    Raises:
        InvalidError: a figure of a project without validated measure.
        ConflictError: the agency has not validated the sheet.
        ForbiddenError: not an editor of the region.

    """
    figures = list_figures(sheet)
    checks.check_figures_bound([f.label for f in figures if f.indicator_id and f.measure_id is None])
    first = sheet.reference is None
    reference = sheet.reference or next_reference(sheet.region_code, paris(now).year)
    due = add_months(paris(now).date(), REVIEW_MONTHS)
    with stamped(sheet, reference=reference, published_at=now, review_due=due):
        apply(SHEET_WORKFLOW, sheet, "publish", actor, now)
    _freeze(sheet, figures)
    publication = _publication(sheet, figures, actor, now)
    previous = find_current(sheet)
    if previous is not None:
        previous.ended_at = now
        db.session.flush()
    db.session.add(publication)
    _write_facets(sheet, read_body(sheet.body))
    db.session.flush()
    promise(
        "sheet-pdf",
        {"publication_id": str(publication.id)},
        key=f"sheet-pdf:{publication.id}",
        now=now,
        region_code=sheet.region_code,
    )
    if sheet.project is not None and first:
        follow_sheet_publication(sheet.project, reference, actor=actor, now=now)
    tell_writers(sheet, "sheet-published", now)
    return publication


def next_reference(region_code: str, year: int) -> str:
    """Return the next reference of a region and a year (CAP-2026-003), locking its counter."""
    query = (
        select(SheetCounter).where(SheetCounter.region_code == region_code, SheetCounter.year == year).with_for_update()
    )
    counter = db.session.scalar(query)
    if counter is None:
        counter = SheetCounter(region_code=region_code, year=year, last=0)
        db.session.add(counter)
    counter.last += 1
    return f"CAP-{year}-{counter.last:03d}"


def flag_sheet(sheet: Sheet, reason: str, *, actor: User, now: datetime) -> None:
    """Open an update of a published sheet, saying why. The public goes on reading what was published.

    Raises:
        ConflictError: no reason, or the sheet is not published.
        ForbiddenError: neither writer, lead nor editor.

    """
    apply(SHEET_WORKFLOW, sheet, "flag", actor, now, reason)


def flag_due_sheets(now: datetime) -> int:
    """Flag the published sheets with a corrected figure or a review due; return how many. Run by the clock."""
    due = Sheet.review_due <= paris(now).date()
    query = select(Sheet, is_outdated()).where(Sheet.state == SheetState.PUBLISHED, or_(is_outdated(), due))
    rows = db.session.execute(query.order_by(Sheet.reference)).all()
    for sheet, corrected in rows:
        reason = CORRECTED if corrected else REVIEW_DUE
        apply(SHEET_WORKFLOW, sheet, "flag", SYSTEM, now, reason)
        tell_writers(sheet, "sheet-to-update", now, reason)
    return len(rows)


def archive_sheet(sheet: Sheet, reason: str, *, actor: User, now: datetime) -> None:
    """Take a sheet out of the catalogue, saying why; nothing is deleted.

    Raises:
        ConflictError: no reason, or the sheet is in the middle of its circuit.
        ForbiddenError: not an editor of the region.

    """
    apply(SHEET_WORKFLOW, sheet, "archive", actor, now, reason)


def _freeze(sheet: Sheet, figures: tuple[Figure, ...]) -> None:
    """Write on each figure what is published, and the measure it comes from."""
    for row, figure in zip(sheet.figures, figures, strict=True):
        row.measure_id = figure.measure_id
        row.baseline, row.target, row.final = figure.baseline, figure.target, figure.final
        row.missed = figure.missed


def _publication(sheet: Sheet, figures: tuple[Figure, ...], actor: User, now: datetime) -> SheetPublication:
    rule = Publication()
    if sheet.project is not None:
        rule = Publication.of_document(sheet.project.call_version.document)
    body = read_body(sheet.body)
    content = {
        "agency": get_region(sheet.region_code).agency_name,
        "body": sheet.body,
        "figures": [shown_figure(figure, rule) for figure in figures],
        "evaluation": _evaluation(sheet),
    }
    return SheetPublication(
        sheet_id=sheet.id,
        region_code=sheet.region_code,
        version=sheet.version,
        kind=sheet.kind,
        reference=sheet.reference,
        slug=sheet.slug,
        title=sheet.title,
        hook=sheet.hook,
        summary=sheet.summary,
        licence=sheet.licence,
        content=content,
        search_text=_search_text(sheet, body),
        published_at=now,
        published_by_id=actor.id,
        review_due=sheet.review_due,
    )


def shown_figure(figure: Figure, rule: Publication) -> dict[str, Any]:
    """Return a figure as it may be published: measured counts of people below the call's threshold are hidden."""
    return {
        "code": figure.code,
        "label": figure.label,
        "unit": figure.unit,
        "baseline": _text(_masked(figure.baseline, figure, rule)),
        "target": _text(figure.target),
        "final": _text(_masked(figure.final, figure, rule, n=figure.n)),
        "missed": figure.missed,
    }


def _masked(value: Decimal | None, figure: Figure, rule: Publication, n: int | None = None) -> Decimal | str | None:
    """Mask by what the indicator counts, and by the unit written beside it."""
    counted = masked(value, figure.counted, rule, n=n)
    return masked(counted, figure.unit, rule) if isinstance(counted, Decimal) else counted


def _text(value: Decimal | str | None) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _evaluation(sheet: Sheet) -> dict[str, Any] | None:
    if sheet.project is None:
        return None
    conclusion = get_conclusion(sheet.project.id)
    return {
        "project": sheet.project.reference,
        "recommendation": conclusion.recommendation.value if conclusion.recommendation else None,
        "decided_on": conclusion.decision.decided_on.isoformat() if conclusion.decision else None,
    }


def facets_of(sheet: Sheet, body: Body) -> list[tuple[str, str]]:
    """Return the facet values of a sheet, each once: region, kind, classification, actions of the roadmap."""
    found = [("region", sheet.region_code), ("kind", sheet.kind.value)]
    for facet, values in body.metadata.model_dump().items():
        listed = [values] if isinstance(values, str) else values
        found += [(facet, value[:FACET_LENGTH]) for value in listed if value]
    found += [("action", link.action) for link in body.roadmap_links]
    return list(dict.fromkeys(found))


def _write_facets(sheet: Sheet, body: Body) -> None:
    db.session.execute(delete(SheetFacet).where(SheetFacet.sheet_id == sheet.id))
    db.session.add_all(
        SheetFacet(sheet_id=sheet.id, facet=facet, value=value) for facet, value in facets_of(sheet, body)
    )


def _search_text(sheet: Sheet, body: Body) -> str:
    """Join what a person may look for: texts, places, words of every code."""
    words = [sheet.reference or "", sheet.title, sheet.hook, sheet.summary, body.context, body.identity_card.lead]
    words += [*body.objectives, *body.success_factors]
    words += [known_label(value) for _, value in facets_of(sheet, body)]
    return plain(" ".join(words))
