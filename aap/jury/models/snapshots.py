"""Frozen rankings: what the ranking of a call was at an hour, whole and sealed. Never changed, never removed."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.calls.models import Call
from aap.db import Base, Identified, LongText, Str200, fk


class SnapshotOccasion(enum.Enum):
    """Why a ranking was frozen: an officer asked, or the service did, once each, where the ranking starts to serve."""

    REQUESTED = "requested"
    OPENING = "opening"  # the jury's session opens
    SIGNATURE = "signature"  # its minutes are signed
    DECISION = "decision"  # the first decision of the call


class RankingSnapshot(Identified, Base):
    """The ranking of a call at an hour. ``content`` is the exact text of ``aap.scoring.frozen``, ``sha256`` its seal.

    ``advice`` is the calibrated ranking at that hour (canonical JSON), when it was computed, with its own seal. The
    database refuses to change or remove a row (triggers).
    """

    __tablename__ = "ranking_snapshots"
    __table_args__ = (
        UniqueConstraint("call_id", "number", name="uq_ranking_snapshots_call_id_number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("length(name) >= 1", name="named"),
        CheckConstraint("length(sha256) = 64", name="sealed"),
        CheckConstraint("(advice IS NULL) = (advice_sha256 IS NULL)", name="advice_sealed"),
        CheckConstraint("occasion <> 'requested' OR frozen_by_id IS NOT NULL", name="requested_by_somebody"),
        Index(
            "uq_ranking_snapshots_call_id_occasion",
            "call_id",
            "occasion",
            unique=True,
            postgresql_where=text("occasion <> 'requested'"),
            sqlite_where=text("occasion <> 'requested'"),
        ),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    number: Mapped[int]
    occasion: Mapped[SnapshotOccasion]
    name: Mapped[Str200]
    reason: Mapped[LongText] = mapped_column(default="")
    content: Mapped[str] = mapped_column(Text(), deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    advice: Mapped[str | None] = mapped_column(Text(), deferred=True)
    advice_sha256: Mapped[str | None] = mapped_column(String(64))
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)

    call: Mapped[Call] = relationship()
    frozen_by: Mapped[User | None] = relationship()
