"""Tables of the capitalisation: the sheet being written, its reviews, its figures, and what was published of it.

A sheet is edited; a publication never is. The public reads publications only, so that an update in progress shows
nothing before it has gone through the whole circuit.
"""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.awards.models import Project
from aap.db import (
    Base,
    Document,
    ExactDecimal,
    Identified,
    LongText,
    Str20,
    Str40,
    Str80,
    Str200,
    Str400,
    Versioned,
    fk,
)


class SheetKind(enum.Enum):
    """What a sheet is."""

    CAPITALISATION = "capitalisation"
    FEEDBACK = "retex"
    INITIATIVE = "initiative"
    USE_CASE = "cas_usage"
    GUIDE = "guide"


class SheetState(enum.Enum):
    """The editorial circuit."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    VALIDATED_BY_LEAD = "validated_by_lead"
    VALIDATED = "validated"
    PUBLISHED = "published"
    TO_UPDATE = "to_update"
    ARCHIVED = "archived"


class ReviewOutcome(enum.Enum):
    """What a reviewer concludes."""

    OK = "ok"
    CHANGES_REQUESTED = "changes_requested"


class GridAnswer(enum.Enum):
    """The answer to one point of the review grid."""

    YES = "oui"
    NO = "non"
    NOT_APPLICABLE = "nr"


class Sheet(Identified, Versioned, Base):
    """A sheet being written. ``body`` is typed by ``aap.capitalisation.body.Body``.

    ``section_versions`` counts the saves of each section, so that two people may write two sections at once.
    """

    __tablename__ = "sheets"
    __table_args__ = (
        UniqueConstraint("region_code", "reference", name="uq_sheets_region_code_reference"),
        UniqueConstraint("slug", name="uq_sheets_slug"),
        CheckConstraint("version >= 0", name="version_not_negative"),
        CheckConstraint("(published_at IS NULL) = (reference IS NULL)", name="reference_once_published"),
        CheckConstraint("(published_at IS NULL) = (review_due IS NULL)", name="review_due_once_published"),
        CheckConstraint(
            "state NOT IN ('published', 'to_update') OR published_at IS NOT NULL", name="published_at_a_time"
        ),
        Index("ix_sheets_region_code_state", "region_code", "state"),
    )

    region_code: Mapped[str] = fk("regions.code", index=False)
    kind: Mapped[SheetKind]
    project_id: Mapped[uuid.UUID | None] = fk("projects.id")
    reference: Mapped[Str40 | None]
    slug: Mapped[Str200]
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[SheetState] = mapped_column(default=SheetState.DRAFT)
    language: Mapped[Str20] = mapped_column(default="fr")
    licence: Mapped[Str80]
    title: Mapped[Str400]
    hook: Mapped[LongText] = mapped_column(default="")
    summary: Mapped[LongText] = mapped_column(default="")
    body: Mapped[Document]
    section_versions: Mapped[Document]
    writer_id: Mapped[uuid.UUID | None] = fk("users.id")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    review_due: Mapped[date | None]

    project: Mapped[Project | None] = relationship()
    figures: Mapped[list[SheetFigure]] = relationship(back_populates="sheet", order_by="SheetFigure.position")


class SheetFigure(Identified, Base):
    """A figure of the sheet, bound to an indicator of the project and, once there is one, to its validated measure.

    Values are read through the binding; ``baseline``, ``target``, ``final`` and ``missed`` are what the last
    publication showed. A figure without indicator (a sheet without project) carries its own values.
    """

    __tablename__ = "sheet_figures"
    __table_args__ = (
        UniqueConstraint("sheet_id", "position", name="uq_sheet_figures_sheet_id_position"),
        CheckConstraint("measure_id IS NULL OR indicator_id IS NOT NULL", name="measure_of_an_indicator"),
    )

    sheet_id: Mapped[uuid.UUID] = fk("sheets.id", index=False)
    position: Mapped[int]
    indicator_id: Mapped[uuid.UUID | None] = fk("indicators.id")
    measure_id: Mapped[uuid.UUID | None] = fk("measures.id")
    label: Mapped[LongText]
    unit: Mapped[Str200]
    baseline: Mapped[ExactDecimal | None]
    target: Mapped[ExactDecimal | None]
    final: Mapped[ExactDecimal | None]
    missed: Mapped[bool | None]

    sheet: Mapped[Sheet] = relationship(back_populates="figures")


class SheetReview(Identified, Base):
    """A reviewer's reading of one version. Append-only."""

    __tablename__ = "sheet_reviews"
    __table_args__ = (
        UniqueConstraint("sheet_id", "version", "reviewer_id", name="uq_sheet_reviews_sheet_id_version_reviewer_id"),
        CheckConstraint("outcome <> 'changes_requested' OR length(note) >= 1", name="changes_need_a_note"),
        CheckConstraint("version >= 1", name="version_positive"),
    )

    sheet_id: Mapped[uuid.UUID] = fk("sheets.id", index=False)
    version: Mapped[int]
    reviewer_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    outcome: Mapped[ReviewOutcome]
    note: Mapped[LongText] = mapped_column(default="")
    at: Mapped[datetime]

    answers: Mapped[list[SheetReviewAnswer]] = relationship(
        back_populates="review", order_by="SheetReviewAnswer.position"
    )


class SheetReviewAnswer(Identified, Base):
    """The answer to one point (G1…) of the grid."""

    __tablename__ = "sheet_review_answers"
    __table_args__ = (UniqueConstraint("review_id", "key", name="uq_sheet_review_answers_review_id_key"),)

    review_id: Mapped[uuid.UUID] = fk("sheet_reviews.id", index=False)
    key: Mapped[Str20]
    position: Mapped[int]
    answer: Mapped[GridAnswer]
    comment: Mapped[LongText] = mapped_column(default="")

    review: Mapped[SheetReview] = relationship(back_populates="answers")


class SheetVersion(Identified, Base):
    """The sheet as it was submitted to review. Append-only."""

    __tablename__ = "sheet_versions"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number", name="uq_sheet_versions_sheet_id_number"),
        CheckConstraint("number >= 1", name="number_positive"),
    )

    sheet_id: Mapped[uuid.UUID] = fk("sheets.id", index=False)
    number: Mapped[int]
    content: Mapped[Document]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class SheetPublication(Identified, Base):
    """What the public reads of a version: frozen, small counts already masked. One is current per sheet.

    ``search_text`` is lower case without accents.
    """

    __tablename__ = "sheet_publications"
    __table_args__ = (
        UniqueConstraint("sheet_id", "version", name="uq_sheet_publications_sheet_id_version"),
        Index(
            "uq_sheet_publications_current",
            "sheet_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_sheet_publications_published_at", "published_at"),
        CheckConstraint("ended_at IS NULL OR ended_at >= published_at", name="ends_after_it_began"),
    )

    sheet_id: Mapped[uuid.UUID] = fk("sheets.id", index=False)
    region_code: Mapped[str] = fk("regions.code")
    version: Mapped[int]
    kind: Mapped[SheetKind]
    reference: Mapped[Str40]
    slug: Mapped[Str200] = mapped_column(index=True)
    title: Mapped[Str400]
    hook: Mapped[LongText]
    summary: Mapped[LongText]
    licence: Mapped[Str80]
    content: Mapped[Document]
    search_text: Mapped[LongText]
    published_at: Mapped[datetime]
    published_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    review_due: Mapped[date]
    ended_at: Mapped[datetime | None]
    pdf_file_id: Mapped[uuid.UUID | None] = fk("stored_files.id", index=False)

    sheet: Mapped[Sheet] = relationship()


class SheetFacet(Base):
    """A value of a search facet of the published sheet: counted and filtered in the catalogue."""

    __tablename__ = "sheet_facets"
    __table_args__ = (Index("ix_sheet_facets_facet_value", "facet", "value"),)

    sheet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sheets.id", ondelete="RESTRICT"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)


class SheetCounter(Base):
    """Last number given to a reference in a region and a year."""

    __tablename__ = "sheet_counters"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code", ondelete="RESTRICT"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]
