"""What the agency concludes of a project: verdicts, recommendation, follow-up decision."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from aap.db import Base, Identified, LongText, Str20, Str200, Versioned, fk


class VerdictValue(enum.Enum):
    """The answer to one question of the grid."""

    REACHED = "atteint"
    PARTLY_REACHED = "partiellement_atteint"
    REACHED_UNDER_CONDITIONS = "atteint_sous_conditions"
    NOT_REACHED = "non_atteint"


class RecommendationValue(enum.Enum):
    """What should become of the project's organisation."""

    GENERALISE = "generaliser"
    GENERALISE_WITH_ADAPTATIONS = "generaliser_avec_adaptations"
    EXTEND = "prolonger"
    REDIRECT = "reorienter"
    DO_NOT_GENERALISE = "ne_pas_generaliser"


class Verdict(Identified, Versioned, Base):
    """The verdict on one question (Q1 feasibility, Q2 effectiveness, Q3 reproducibility)."""

    __tablename__ = "verdicts"
    __table_args__ = (
        UniqueConstraint("project_id", "question", name="uq_verdicts_project_id_question"),
        CheckConstraint("question IN ('Q1', 'Q2', 'Q3')", name="question_known"),
        CheckConstraint("length(text) >= 1", name="text_filled"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    question: Mapped[Str20]
    verdict: Mapped[VerdictValue]
    text: Mapped[LongText]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class Recommendation(Identified, Versioned, Base):
    """The agency's recommendation on a project, before the decision."""

    __tablename__ = "recommendations"
    __table_args__ = (UniqueConstraint("project_id", name="uq_recommendations_project_id"),)

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    value: Mapped[RecommendationValue]
    text: Mapped[LongText | None]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class FollowUpDecision(Identified, Base):
    """What a steering body decided after the project, on a day (Paris). Append-only."""

    __tablename__ = "follow_up_decisions"
    __table_args__ = (
        CheckConstraint("length(body) >= 1", name="body_filled"),
        CheckConstraint("length(text) >= 1", name="text_filled"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id")
    body: Mapped[Str200]
    decided_on: Mapped[date]
    outcome: Mapped[RecommendationValue]
    text: Mapped[LongText]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
