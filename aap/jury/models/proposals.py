"""Proposals of assignments that the worker computes: asked, read at leisure, adopted or set aside."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Document, Identified, LongText, Str400, fk


class AssignmentProposal(Identified, Base):
    """A proposal asked by an officer for a call, and read by this officer alone.

    ``outcome`` is what was found, as JSON (see ``aap.jury.service.deferred``), ``failure`` why nothing was. It is open
    until adopted or set aside (``closed_at``).
    """

    __tablename__ = "assignment_proposals"
    __table_args__ = (
        CheckConstraint(
            "(made_at IS NULL) = (outcome IS NULL AND failure IS NULL)", name="made_with_its_outcome_or_failure"
        ),
        CheckConstraint("applied_at IS NULL OR closed_at IS NOT NULL", name="adopted_is_closed"),
        Index(
            "uq_assignment_proposals_open",
            "call_id",
            "asked_by_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    asked_by_id: Mapped[uuid.UUID] = fk("users.id")
    asked_at: Mapped[datetime]
    wishes: Mapped[Document]
    made_at: Mapped[datetime | None]
    outcome: Mapped[Document | None]
    failure: Mapped[LongText | None]
    adopting_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ProposedPair(Identified, Base):
    """A reading of a proposal: ``why`` will be kept with the assignment, ``told`` compares with the other members."""

    __tablename__ = "proposed_pairs"
    __table_args__ = (
        UniqueConstraint(
            "proposal_id",
            "application_id",
            "jury_member_id",
            name="uq_proposed_pairs_file_member",
        ),
    )

    proposal_id: Mapped[uuid.UUID] = fk("assignment_proposals.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id")
    why: Mapped[Str400]
    told: Mapped[LongText]
    bridging: Mapped[bool] = mapped_column(default=False, server_default=false())
