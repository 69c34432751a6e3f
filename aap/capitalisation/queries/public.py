"""What the public reads of one sheet: its last publication, never its draft."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from aap.capitalisation.body import Body, read_body
from aap.capitalisation.models import Sheet, SheetKind, SheetPublication, SheetState
from aap.capitalisation.printing import evaluation_sentence, shown_value
from aap.capitalisation.queries.catalogue import is_public
from aap.capitalisation.queries.figures import is_outdated
from aap.db import db
from aap.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class PublicFigure:
    """A published figure. A hidden count is a text ("< 11"); ``missed`` is ``None`` when nothing can be said."""

    label: str
    unit: str
    baseline: Decimal | str | None
    target: Decimal | str | None
    final: Decimal | str | None
    missed: bool | None


@dataclass(frozen=True, slots=True)
class PublicSheet:
    """Everything a published sheet shows. ``to_update`` warns that a figure was corrected or a review is due."""

    sheet_id: uuid.UUID
    publication_id: uuid.UUID
    reference: str
    slug: str
    kind: SheetKind
    version: int
    region_code: str
    agency: str
    title: str
    hook: str
    summary: str
    licence: str
    published_at: datetime
    review_due: date
    body: Body
    figures: tuple[PublicFigure, ...]
    evaluation: str
    pdf_file_id: uuid.UUID | None
    to_update: bool


def get_public_sheet(slug: str) -> PublicSheet:
    """Return a published sheet by its address.

    Raises:
        NotFoundError: no such sheet, not published, or archived.

    """
    query = (
        select(SheetPublication, Sheet.state, is_outdated())
        .join(Sheet, Sheet.id == SheetPublication.sheet_id)
        .where(SheetPublication.slug == slug, is_public())
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFoundError("Cette fiche n'existe pas ou n'est pas publiée.")
    return _public_sheet(row[0], to_update=row[1] is SheetState.TO_UPDATE or bool(row[2]))


def get_publication(publication_id: uuid.UUID) -> SheetPublication:
    """Return a publication, ended ones included.

    Raises:
        NotFoundError: no such publication.

    """
    publication = db.session.get(SheetPublication, publication_id)
    if publication is None:
        raise NotFoundError("Cette publication n'existe pas.")
    return publication


def as_document(sheet: PublicSheet) -> dict[str, Any]:
    """Return a published sheet as JSON values: what anybody may download and use under its licence."""
    return {
        "schema": "capitalisation/1",
        "reference": sheet.reference,
        "version": sheet.version,
        "kind": sheet.kind.value,
        "title": sheet.title,
        "hook": sheet.hook,
        "summary": sheet.summary,
        "licence": sheet.licence,
        "region": sheet.region_code,
        "agency": sheet.agency,
        "published_at": sheet.published_at.isoformat(),
        "review_due": sheet.review_due.isoformat(),
        **sheet.body.model_dump(mode="json"),
        "results": [
            {
                "label": figure.label,
                "unit": figure.unit,
                "baseline": _number_or_text(figure.baseline),
                "target": _number_or_text(figure.target),
                "final": _number_or_text(figure.final),
                "missed": figure.missed,
            }
            for figure in sheet.figures
        ],
        "evaluation": sheet.evaluation,
    }


def _public_sheet(row: SheetPublication, *, to_update: bool) -> PublicSheet:
    content = row.content
    return PublicSheet(
        sheet_id=row.sheet_id,
        publication_id=row.id,
        reference=row.reference,
        slug=row.slug,
        kind=row.kind,
        version=row.version,
        region_code=row.region_code,
        agency=content["agency"],
        title=row.title,
        hook=row.hook,
        summary=row.summary,
        licence=row.licence,
        published_at=row.published_at,
        review_due=row.review_due,
        body=read_body(content["body"]),
        figures=tuple(
            PublicFigure(
                label=figure["label"],
                unit=figure["unit"],
                baseline=shown_value(figure["baseline"]),
                target=shown_value(figure["target"]),
                final=shown_value(figure["final"]),
                missed=figure["missed"],
            )
            for figure in content["figures"]
        ),
        evaluation=evaluation_sentence(content["evaluation"]),
        pdf_file_id=row.pdf_file_id,
        to_update=to_update,
    )


def _number_or_text(value: Decimal | str | None) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else value
