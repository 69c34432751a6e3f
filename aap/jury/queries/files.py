"""A juror's desk: the files to mark, and the grid being filled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import starmap

from sqlalchemy import func, or_, select

from aap.applications.models import Application, ApplicationState
from aap.calls.models import CallVersion, Criterion, Strand
from aap.db import db
from aap.jury.blindness import juror_sees
from aap.jury.grid import Grid, GridLine, known_grid
from aap.jury.models import Assignment, JuryMember, Mark, MarkRevision, Review, ReviewState
from aap.jury.queries.answers import awaits_answer, is_kept
from aap.jury.revised import grid_of, is_behind, project_review
from aap.scoring import rubric as scoring
from aap.scoring.rubric import CommentRule, missing_marks, review_total


@dataclass(frozen=True, slots=True)
class MyFile:
    """A file a juror was asked to mark. ``marked`` counts the criteria answered, « sans objet » included.

    ``to_answer``: the grid was revised since and the juror has not said whether to keep the review or mark it again.
    """

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    department_code: str | None
    strand_key: str | None
    strand_label: str | None
    requested_eur: Decimal
    state: ApplicationState
    why: str
    open_until: datetime | None
    review_state: ReviewState | None
    marked: int
    updated_at: datetime | None
    submitted_at: datetime | None
    to_answer: bool = False


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A criterion of the grid with what the juror answered so far. Bounds and step in the unit of the mark."""

    criterion: GridLine
    weight: Fraction
    minimum: Fraction
    maximum: Fraction
    step: Fraction | None
    floor: Fraction | None
    na_allowed: bool
    justify: CommentRule
    value: Decimal | None
    not_applicable: bool
    comment: str
    version: int


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """The grid of one juror for one file. ``total`` is exact, ``None`` as long as a mark is missing.

    ``behind``: it stands under an earlier grid than the one in force; ``kept`` when its juror said to keep it so, not
    ``usable`` when what was submitted cannot count under the one in force.
    """

    application_id: uuid.UUID
    review_id: uuid.UUID | None
    state: ReviewState
    lock_version: int | None
    lines: tuple[ReviewLine, ...]
    private_note: str
    note_version: int
    missing: tuple[str, ...]
    total: Fraction | None
    total_maximum: Fraction
    decimals: int
    submitted_at: datetime | None
    grid_number: int = 1
    behind: bool = False
    kept: bool = False
    usable: bool = True


def list_my_files(member: JuryMember) -> tuple[MyFile, ...]:
    """Return the files assigned to a member, by reference; none before the declaration nor after a departure."""
    answered = (
        select(func.count(Mark.id))
        .join(Criterion, Criterion.id == Mark.criterion_id)
        .where(
            Mark.review_id == Review.id,
            Criterion.grid_number == Review.grid_number,
            or_(Mark.value.is_not(None), Mark.not_applicable),
        )
        .correlate(Review)
        .scalar_subquery()
    )
    query = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            Application.applicant_name,
            Application.department_code,
            Strand.key,
            Strand.label,
            Application.requested_eur,
            Application.state,
            Assignment.why,
            Assignment.open_until,
            Review.state,
            func.coalesce(answered, 0),
            Review.updated_at,
            Review.submitted_at,
            awaits_answer(),
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Assignment, Assignment.application_id == Application.id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .outerjoin(
            Review,
            (Review.application_id == Application.id) & (Review.jury_member_id == Assignment.jury_member_id),
        )
        .where(Assignment.jury_member_id == member.id, juror_sees(member.user_id))
        .order_by(Application.reference)
    )
    return tuple(starmap(MyFile, db.session.execute(query)))


def find_review(member: JuryMember, application: Application) -> Review | None:
    """Return the member's own review of a file, if it was begun."""
    return db.session.scalar(
        select(Review).where(Review.jury_member_id == member.id, Review.application_id == application.id)
    )


def get_review_sheet(member: JuryMember, application: Application) -> ReviewSheet:
    """Return the grid as the member left it, empty when nothing was marked.

    Raises:
        ConflictError: the call has no grid.

    """
    review = find_review(member, application)
    version = application.call_version
    grid = grid_of(review, version)
    given = {} if review is None else {mark.criterion_id: mark for mark in review.marks}
    versions = {} if review is None else _versions(review)
    lines = tuple(
        _line(line, grid.criteria[line.key], given.get(line.id), versions.get(line.id, 0)) for line in grid.lines
    )
    marks = {
        line.criterion.key: None if line.value is None else Fraction(line.value)
        for line in lines
        if line.not_applicable or line.value is not None
    }
    missing = missing_marks(grid.rubric, marks)
    return ReviewSheet(
        application_id=application.id,
        review_id=None if review is None else review.id,
        state=ReviewState.DRAFT if review is None else review.state,
        lock_version=None if review is None else review.lock_version,
        lines=lines,
        private_note="" if review is None else review.private_note,
        note_version=0 if review is None else review.note_version,
        missing=missing,
        total=None if missing else review_total(grid.rubric, marks),
        total_maximum=grid.rubric.scale_to,
        decimals=grid.rubric.decimals,
        submitted_at=None if review is None else review.submitted_at,
        grid_number=grid.number,
        behind=review is not None and is_behind(review, version),
        kept=review is not None and is_kept(review, version),
        usable=missing != () or grid.number == version.grid_number or _is_usable(grid, version, marks),
    )


def _is_usable(grid: Grid, version: CallVersion, marks: dict[str, Fraction | None]) -> bool:
    return project_review(grid, known_grid(version), marks).usable


def _versions(review: Review) -> dict[uuid.UUID, int]:
    """Return the number of the last revision of each criterion."""
    last = (
        select(MarkRevision.criterion_id, func.max(MarkRevision.number))
        .where(MarkRevision.review_id == review.id)
        .group_by(MarkRevision.criterion_id)
    )
    return {row[0]: row[1] for row in db.session.execute(last)}


def _line(line: GridLine, criterion: scoring.Criterion, mark: Mark | None, version: int) -> ReviewLine:
    return ReviewLine(
        criterion=line,
        weight=criterion.weight,
        minimum=criterion.minimum,
        maximum=criterion.maximum,
        step=criterion.step,
        floor=criterion.threshold,
        na_allowed=criterion.na_allowed,
        justify=criterion.comment,
        value=None if mark is None else mark.value,
        not_applicable=mark is not None and mark.not_applicable,
        comment="" if mark is None else mark.comment,
        version=version,
    )
