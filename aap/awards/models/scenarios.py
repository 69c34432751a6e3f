"""Scenarios of an envelope: settings that were tried, what they gave, and the one that the session starts from."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.applications.models import Application
from aap.awards.simulation import RefusalReason
from aap.db import Base, Document, Identified, Money, Str40, Str80, Str200, Versioned, fk


class Scenario(Identified, Versioned, Base):
    """A named scenario. Its author mends or deletes it as long as it is a draft; once adopted, nothing in it moves.

    ``ranking_seal`` is the SHA-256 of the ranking it was computed from. ``start_id`` is the scenario it was made from.
    An adopted scenario is where the session of the jury starts, until another one takes its place.
    """

    __tablename__ = "scenarios"
    __table_args__ = (
        UniqueConstraint("call_id", "name", name="uq_scenarios_call_id_name"),
        CheckConstraint("length(name) >= 1", name="name_filled"),
        CheckConstraint("length(ranking_seal) = 64", name="seal_is_sha256"),
        CheckConstraint("(adopted_at IS NULL) = (adopted_by_id IS NULL)", name="adopted_by_somebody"),
        CheckConstraint("replaced_at IS NULL OR adopted_at IS NOT NULL", name="replaced_once_adopted"),
        CheckConstraint("start_id IS NULL OR start_id <> id", name="starts_elsewhere"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    name: Mapped[Str200]
    settings: Mapped[Document]
    ranking_seal: Mapped[Str80]
    start_id: Mapped[uuid.UUID | None] = fk("scenarios.id")
    author_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    adopted_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)
    replaced_at: Mapped[datetime | None]

    author: Mapped[User] = relationship(foreign_keys=[author_id])
    lines: Mapped[list[ScenarioLine]] = relationship(order_by="ScenarioLine.position", cascade="all, delete-orphan")


_IN_FORCE = and_(Scenario.adopted_at.is_not(None), Scenario.replaced_at.is_(None))
Index(  # one start for a session
    "uq_scenarios_in_force", Scenario.call_id, unique=True, postgresql_where=_IN_FORCE, sqlite_where=_IN_FORCE
)


class ScenarioLine(Identified, Base):
    """A file in a scenario: what it receives, or why it receives nothing. ``quotas`` names those in the way."""

    __tablename__ = "scenario_lines"
    __table_args__ = (
        UniqueConstraint("scenario_id", "application_id", name="uq_scenario_lines_scenario_id_application_id"),
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint("(granted_eur IS NULL) = (reason IS NOT NULL)", name="granted_or_refused"),
        CheckConstraint("granted_eur IS NULL OR granted_eur <= asked_eur", name="granted_within_asked"),
        CheckConstraint("granted_eur IS NULL OR granted_eur >= 0", name="granted_not_negative"),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank_positive"),
    )

    scenario_id: Mapped[uuid.UUID] = fk("scenarios.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    position: Mapped[int]
    rank: Mapped[int | None]
    asked_eur: Mapped[Money]
    granted_eur: Mapped[Money | None]
    reason: Mapped[RefusalReason | None]
    missing_eur: Mapped[Money | None]
    lacking_strand: Mapped[Str40 | None]  # whose envelope lacks ``missing_eur``; none: the call's
    quotas: Mapped[list[str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"), default=list)

    application: Mapped[Application] = relationship()
