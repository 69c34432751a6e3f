"""Reads of the sheets. Lists are ordered, paginated and made of frozen rows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select

from aap.capitalisation.models import Sheet, SheetPublication, SheetState


def is_public() -> ColumnElement[bool]:
    """Return the condition on ``SheetPublication`` that selects what the public reads."""
    archived = select(Sheet.id).where(Sheet.state == SheetState.ARCHIVED)
    return and_(SheetPublication.ended_at.is_(None), SheetPublication.sheet_id.not_in(archived))
