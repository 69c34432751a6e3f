"""A juror's own work on one call: where a file stands among mine, and my marks side by side."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select

from aap.applications.models import Application
from aap.calls.models import CallVersion, Criterion
from aap.db import db
from aap.jury.blindness import juror_sees
from aap.jury.grid import GridLine, known_grid, read_grid
from aap.jury.models import Assignment, JuryMember, Mark, Review, ReviewState
from aap.jury.queries.files import MyFile
from aap.scoring.revision import carry_over
from aap.scoring.rubric import missing_marks, review_total


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file stands among those confided to a juror: ``number`` of ``count``, ``left`` not given back yet."""

    number: int
    count: int
    left: int
    previous: MyFile | None
    following: MyFile | None
    next_to_mark: MyFile | None


@dataclass(frozen=True, slots=True)
class MyMarks:
    """My marks on one file, in the order of the grid: a value, ``None`` (sans objet), or absent when not marked."""

    application_id: uuid.UUID
    reference: str
    title: str
    marks: dict[str, Fraction | None]
    total: Fraction | None
    submitted: bool


@dataclass(frozen=True, slots=True)
class CriterionUse:
    """How I use the scale of one criterion: exact mean, lowest and highest of my marks; ``None`` without any."""

    criterion: GridLine
    count: int
    mean: Fraction | None
    lowest: Fraction | None
    highest: Fraction | None


@dataclass(frozen=True, slots=True)
class MyScale:
    """All my marks on one call: ``rows`` by reference, ``uses`` in the order of the grid."""

    rows: tuple[MyMarks, ...]
    uses: tuple[CriterionUse, ...]
    mean_total: Fraction | None
    total_maximum: Fraction
    decimals: int


def place_among(files: Sequence[MyFile], application_id: uuid.UUID) -> Place | None:
    """Return where a file stands among mine; ``None`` when it was not confided to me.

    The next one to mark is the first not given back after this one, then from the beginning.
    """
    index = next((index for index, row in enumerate(files) if row.application_id == application_id), None)
    if index is None:
        return None
    unmarked = [row for row in (*files[index + 1 :], *files[:index]) if row.review_state is not ReviewState.SUBMITTED]
    return Place(
        number=index + 1,
        count=len(files),
        left=sum(1 for row in files if row.review_state is not ReviewState.SUBMITTED),
        previous=files[index - 1] if index else None,
        following=files[index + 1] if index + 1 < len(files) else None,
        next_to_mark=unmarked[0] if unmarked else None,
    )


def get_my_scale(member: JuryMember, version: CallVersion) -> MyScale:
    """Return a member's own marks on every file confided, drafts included: two queries, whatever the count.

    Marks given before the grid was revised are set on the scale of the one in force; those of a criterion added since
    are missing.

    Raises:
        ConflictError: the call has no grid.

    """
    grid = read_grid(version)
    heads = db.session.execute(
        select(Application.id, Application.reference, Application.title, Review.id, Review.state, Review.grid_number)
        .join(Assignment, Assignment.application_id == Application.id)
        .join(
            Review,
            (Review.application_id == Application.id) & (Review.jury_member_id == Assignment.jury_member_id),
        )
        .where(Assignment.jury_member_id == member.id, juror_sees(member.user_id))
        .order_by(Application.reference)
    ).all()
    given: dict[uuid.UUID, dict[str, Fraction | None]] = defaultdict(dict)
    marks = (
        select(Mark.review_id, Criterion.key, Mark.value, Mark.not_applicable)
        .join(Criterion, Criterion.id == Mark.criterion_id)
        .join(Review, (Review.id == Mark.review_id) & (Review.grid_number == Criterion.grid_number))
    )
    for review_id, key, value, not_applicable in db.session.execute(
        marks.where(Mark.review_id.in_([head[3] for head in heads]))
    ):
        if not_applicable or value is not None:
            given[review_id][key] = None if value is None else Fraction(value)
    rows = []
    for identifier, reference, title, review_id, state, number in heads:
        mine = given[review_id]
        if number < grid.number:
            mine = carry_over(known_grid(version, number).rubric, grid.rubric, mine)
        total = None if missing_marks(grid.rubric, mine) else review_total(grid.rubric, mine)
        rows.append(MyMarks(identifier, reference or "", title, mine, total, state is ReviewState.SUBMITTED))
    totals = [row.total for row in rows if row.total is not None]
    return MyScale(
        rows=tuple(rows),
        uses=tuple(_use(line, rows) for line in grid.lines),
        mean_total=sum(totals, Fraction(0)) / len(totals) if totals else None,
        total_maximum=grid.rubric.scale_to,
        decimals=grid.rubric.decimals,
    )


def _use(line: GridLine, rows: Sequence[MyMarks]) -> CriterionUse:
    values = [value for row in rows if (value := row.marks.get(line.key)) is not None]
    mean = sum(values, Fraction(0)) / len(values) if values else None
    return CriterionUse(line, len(values), mean, min(values, default=None), max(values, default=None))
