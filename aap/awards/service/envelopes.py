"""Holding the envelope of a call while something is taken from it."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from aap.calls.models import CallVersion
from aap.db import db


def hold_envelope(version_id: uuid.UUID) -> CallVersion:
    """Lock the row that carries the envelope, so that two grants at once cannot both take its last euros."""
    return db.session.scalars(select(CallVersion).where(CallVersion.id == version_id).with_for_update()).one()
