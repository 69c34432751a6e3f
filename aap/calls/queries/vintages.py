"""Which vintages of the territory the published calls cite: these no longer change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from aap.calls.models import Call, CallVersion
from aap.calls.queries.documents import load_document
from aap.db import db
from aap.referentials.models import Accessibility


def cited_vintages() -> Mapping[tuple[str, date], str]:
    """Return, for each zoning or APL ``(dataset, day)`` that published calls cite, the references of these calls."""
    query = (
        select(CallVersion, Accessibility.dataset, Accessibility.valid_on)
        .join(CallVersion.call)
        .outerjoin(Accessibility, Accessibility.id == CallVersion.accessibility_id)
        .where(Call.published_at.is_not(None))
        .options(contains_eager(CallVersion.call))
        .order_by(Call.ref)
    )
    cited: dict[tuple[str, date], list[str]] = {}
    for version, dataset, valid_on in db.session.execute(query):
        zoning = load_document(version).scope.zone_reference
        if zoning is not None:
            cited.setdefault((zoning.dataset, zoning.valid_on), []).append(version.call.ref)
        if dataset is not None and valid_on is not None:
            cited.setdefault((dataset, valid_on), []).append(version.call.ref)
    return {key: ", ".join(dict.fromkeys(refs)) for key, refs in cited.items()}
