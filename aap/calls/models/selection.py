"""How a version of a call is judged: grid, opinions, colleges of the jury, possible decisions."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.db import Base, Document, ExactDecimal, Identified, LongText, Str40, Str80, Str200, Str400, fk

# A short ordered list of codes, only ever read whole.
_CODES = JSON().with_variant(JSONB(), "postgresql")


class DecisionEffect(enum.Enum):
    """What a decision does to an application, whatever its name in the call."""

    FUND = "fund"
    FUND_WITH_RESERVATIONS = "fund_with_reservations"
    WAIT = "wait"
    REFUSE = "refuse"


class Criterion(Identified, Base):
    """A criterion of the grid, with its own scale. All numbers exact; weight 0 is for information only.

    A revised grid (``grid_number`` from 2) has rows of its own: a mark keeps the criterion it was given under.
    """

    __tablename__ = "criteria"
    __table_args__ = (
        UniqueConstraint("version_id", "grid_number", "key", name="uq_criteria_version_id_grid_number_key"),
        CheckConstraint("CAST(weight AS NUMERIC) >= 0", name="weight_not_negative"),
        CheckConstraint("CAST(min_mark AS NUMERIC) < CAST(max_mark AS NUMERIC)", name="scale_ordered"),
        CheckConstraint("CAST(step AS NUMERIC) > 0", name="step_positive"),
        CheckConstraint(
            "floor IS NULL OR (CAST(floor AS NUMERIC) >= CAST(min_mark AS NUMERIC) "
            "AND CAST(floor AS NUMERIC) <= CAST(max_mark AS NUMERIC))",
            name="floor_on_scale",
        ),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    grid_number: Mapped[int] = mapped_column(default=1, server_default="1")
    key: Mapped[Str40]
    label: Mapped[Str400]
    guidance: Mapped[LongText]
    weight: Mapped[ExactDecimal]
    min_mark: Mapped[ExactDecimal]
    max_mark: Mapped[ExactDecimal]
    step: Mapped[ExactDecimal]
    floor: Mapped[ExactDecimal | None]
    na_allowed: Mapped[bool]
    position: Mapped[int]

    descriptors: Mapped[list[CriterionDescriptor]] = relationship(
        order_by="CriterionDescriptor.position", lazy="selectin"
    )


class GridRevision(Identified, Base):
    """The grid of a published call was revised: what is replaced, why, when and by whom. Append-only.

    ``number`` is the grid that it made, from 2. ``old_terms`` are the settings of the one before (its criteria are
    rows), ``old_fingerprint`` and ``new_fingerprint`` those of the version before and after. ``changes`` lists
    ``[what, before, after]``, in the words that are published.
    """

    __tablename__ = "grid_revisions"
    __table_args__ = (
        UniqueConstraint("call_version_id", "number", name="uq_grid_revisions_call_version_id_number"),
        CheckConstraint("number >= 2", name="number_from_two"),
        CheckConstraint("length(reason) >= 1", name="reason_filled"),
        CheckConstraint("length(old_fingerprint) = 64", name="old_fingerprint_is_sha256"),
        CheckConstraint("length(new_fingerprint) = 64", name="new_fingerprint_is_sha256"),
    )

    call_version_id: Mapped[uuid.UUID] = fk("call_versions.id", index=False)
    number: Mapped[int]
    old_terms: Mapped[Document]
    old_fingerprint: Mapped[Str80]
    new_fingerprint: Mapped[Str80]
    changes: Mapped[list[list[str]]] = mapped_column(_CODES)
    reason: Mapped[LongText]
    made_at: Mapped[datetime]
    made_by_id: Mapped[uuid.UUID] = fk("users.id")


class CriterionDescriptor(Identified, Base):
    """What a mark means on a criterion."""

    __tablename__ = "criterion_descriptors"
    __table_args__ = (UniqueConstraint("criterion_id", "mark", name="uq_criterion_descriptors_criterion_id_mark"),)

    criterion_id: Mapped[uuid.UUID] = fk("criteria.id")
    mark: Mapped[ExactDecimal]
    text: Mapped[LongText]
    position: Mapped[int]


class OpinionKind(Identified, Base):
    """An advisory opinion asked before the jury, never scored; ``scale`` lists its codes from best to worst."""

    __tablename__ = "opinion_kinds"
    __table_args__ = (UniqueConstraint("version_id", "key", name="uq_opinion_kinds_version_id_key"),)

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    key: Mapped[Str40]
    label: Mapped[Str200]
    required: Mapped[bool]
    scale: Mapped[list[str]] = mapped_column(_CODES)
    position: Mapped[int]


class JuryCollege(Identified, Base):
    """A college of the jury, its seats, and whether it votes."""

    __tablename__ = "jury_colleges"
    __table_args__ = (
        UniqueConstraint("version_id", "label", name="uq_jury_colleges_version_id_label"),
        CheckConstraint("seats >= 1", name="seats_positive"),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    label: Mapped[Str200]
    seats: Mapped[int]
    voting: Mapped[bool]
    position: Mapped[int]


class DecisionKind(Identified, Base):
    """A decision the director may take; ``needs`` lists what it must come with (motive, rank, reservations…)."""

    __tablename__ = "decision_kinds"
    __table_args__ = (UniqueConstraint("version_id", "key", name="uq_decision_kinds_version_id_key"),)

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    key: Mapped[Str40]
    label: Mapped[Str200]
    guideline: Mapped[str | None]
    needs: Mapped[list[str]] = mapped_column(_CODES)
    effect: Mapped[DecisionEffect]
    position: Mapped[int]
