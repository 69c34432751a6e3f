"""Marking a file: draft, autosave, submission, reopening. Every mark ever saved is kept as a revision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, Problem, StaleError
from aap.jury import checks, states
from aap.jury.grid import Grid, read_grid
from aap.jury.marking import check_may_mark
from aap.jury.models import FrozenRubric, JuryMember, Mark, MarkRevision, Review, ReviewState
from aap.jury.revised import is_begun
from aap.jury.service.private_notes import NOTE, NoteConflict, dispute_note, note_problems, too_long_words, write_note
from aap.jury.service.standings import hold_grid, refresh_standing
from aap.jury.service.trail import Trail, hold_review, read_trail
from aap.scoring.rubric import check_mark
from aap.workflow import apply, record_event

LONGEST = 5000  # characters of a comment


@dataclass(frozen=True, slots=True)
class MarkInput:
    """What a juror typed on one criterion; an empty ``value`` clears the mark, unless it is not applicable."""

    value: str = ""
    not_applicable: bool = False
    comment: str = ""


def start_review(member: JuryMember, application: Application, *, actor: User, now: datetime) -> Review:
    """Open the member's draft on a file, or return the one already there, locked to the end of the unit of work.

    Two windows that open it at the same instant share it; what one saves, the other then reads.

    Raises:
        ForbiddenError: not this member, not declared, recused, or not assigned.
        ConflictError: outside the hours of scoring, or file not before the jury.

    """
    check_may_mark(member, application, actor, now)
    known = hold_review(member, application)
    if known is not None:
        return follow_grid(known[0], application)
    review = Review(
        jury_member_id=member.id,
        application_id=application.id,
        grid_number=application.call_version.grid_number,
        created_at=now,
        updated_at=now,
    )
    twice = ConflictError("Cette grille vient d'être ouverte ailleurs : rechargez la page.", code="grille-deja-ouverte")
    try:
        with refusing({"uq_reviews_jury_member_id_application_id": twice}):
            db.session.add(review)
    except ConflictError:
        other = hold_review(member, application)
        if other is None:
            raise
        return other[0]
    record_event(review, "start", None, ReviewState.DRAFT.value, actor, now)
    return review


def follow_grid(review: Review, application: Application) -> Review:
    """Set a review in which nothing was marked yet under the grid in force: there is nothing to ask its juror."""
    number = application.call_version.grid_number
    if review.grid_number < number and not is_begun(review):
        review.grid_number = number
    return review


def save_review(
    review: Review,
    entries: Mapping[str, MarkInput],
    *,
    actor: User,
    now: datetime,
    seen_version: int | None = None,
    seen: Mapping[str, int] | None = None,
    private_note: str | None = None,
) -> Review:
    """Save marks of a draft: only the criteria given (by key) change, so that a page may save one at a time.

    ``seen_version`` is the ``lock_version`` the page was made from; ``seen`` is finer: the number of the last revision
    of each criterion (and of the private note) that the page knew, so that only the same mark saved twice is a
    conflict. Nothing is saved when one mark is refused.

    Raises:
        InvalidError: a mark out of range or off step, on its criterion's key; a text too long.
        StaleError: somebody (another tab) saved meanwhile; carries both texts by criterion.
        ConflictError: the review is submitted, or scoring is not open.
        ForbiddenError: recused, or not this member's review.

    """
    application = db.session.get_one(Application, review.application_id)
    check_may_mark(review.member, application, actor, now)
    checks.check_draft(review)
    grid = read_grid(application.call_version, review.grid_number)
    _check_unchanged(review, grid, entries, seen_version)
    values = _read_marks(grid, entries, note_problems(private_note))
    trail = read_trail(review)
    if seen is not None:
        note = None if private_note is None else dispute_note(review, private_note, seen.get(NOTE, 0))
        _check_versions(review, grid, entries, values, seen, trail, note)
    for key, entry in entries.items():
        write_mark(review, grid.line_ids[key], values[key], entry, trail, actor, now)
    if private_note is not None:
        write_note(review, private_note)
    review.updated_at = now
    flag_modified(review, "updated_at")  # marks are rows of their own: the lock counts saves, not changes of the review
    db.session.flush()
    return review


def _check_unchanged(review: Review, grid: Grid, entries: Mapping[str, MarkInput], seen_version: int | None) -> None:
    if seen_version is None or seen_version == review.lock_version:
        return
    theirs = {
        key: MarkInput(_typed(mark.value), mark.not_applicable, mark.comment)
        for key, line_id in grid.line_ids.items()
        for mark in review.marks
        if mark.criterion_id == line_id
    }
    message = "Cette grille a été enregistrée ailleurs entre-temps. Relisez avant de recommencer."
    raise StaleError(message, yours=dict(entries), theirs=theirs)


def _check_versions(
    review: Review,
    grid: Grid,
    entries: Mapping[str, MarkInput],
    values: Mapping[str, Decimal | None],
    seen: Mapping[str, int],
    trail: Trail,
    note: NoteConflict | None,
) -> None:
    """Refuse to write over a mark or a note that the page did not know, unless it says the same; tell all at once."""
    changed = {
        key: entry
        for key, entry in entries.items()
        if is_newer(review, grid.line_ids[key], seen.get(key, 0), trail)
        and not says_the_same(find_mark(review, grid.line_ids[key]), values[key], entry)
    }
    yours: dict[str, MarkInput | str] = {**changed}
    theirs: dict[str, MarkInput | str] = {key: as_typed(find_mark(review, grid.line_ids[key])) for key in changed}
    if note is not None:
        yours[NOTE], theirs[NOTE] = note.yours, note.theirs
    if theirs:
        message = "Cette grille a été enregistrée ailleurs entre-temps. Relisez avant de recommencer."
        raise StaleError(message, yours=yours, theirs=theirs)


def find_mark(review: Review, criterion_id: uuid.UUID) -> Mark | None:
    """Return the current mark on a criterion."""
    return next((mark for mark in review.marks if mark.criterion_id == criterion_id), None)


def is_newer(review: Review, criterion_id: uuid.UUID, seen: int, trail: Trail) -> bool:
    """Tell whether a mark was saved since the page knew revision ``seen`` of it."""
    return find_mark(review, criterion_id) is not None and trail.numbers.get(criterion_id, 0) != seen


def says_the_same(mark: Mark | None, value: Decimal | None, entry: MarkInput) -> bool:
    """Tell whether what is typed is what is already saved."""
    known = (None, False, "") if mark is None else (mark.value, mark.not_applicable, mark.comment)
    return known == (value, entry.not_applicable, entry.comment.strip())


def as_typed(mark: Mark | None) -> MarkInput:
    """Return a saved mark as a person would type it."""
    return MarkInput() if mark is None else MarkInput(_typed(mark.value), mark.not_applicable, mark.comment)


def _typed(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


def _read_marks(
    grid: Grid, entries: Mapping[str, MarkInput], beside: tuple[Problem, ...] = ()
) -> dict[str, Decimal | None]:
    """Check every mark given; ``None`` is no value (cleared, or not applicable). Raises one error with all problems."""
    values: dict[str, Decimal | None] = {}
    problems = list(beside)
    for key, entry in entries.items():
        criterion = grid.criteria.get(key)
        if criterion is None:
            problems.append(Problem(key, "Ce critère n'est pas dans la grille."))
            continue
        values[key] = None
        if len(entry.comment) > LONGEST:
            problems.append(Problem(f"{key}.comment", too_long_words(len(entry.comment), LONGEST)))
        if not entry.not_applicable and not entry.value.strip():
            continue
        try:
            values[key] = _stored(check_mark(criterion, None if entry.not_applicable else entry.value))
        except InvalidError as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidError("Certaines notes sont à corriger.", tuple(problems), code="notes-invalides")
    return values


def read_mark(grid: Grid, key: str, entry: MarkInput) -> Decimal | None:
    """Check one mark as typed; ``None`` is no value (cleared, or not applicable).

    Raises:
        InvalidError: no such criterion, out of range or off step, on its key.

    """
    return _read_marks(grid, {key: entry})[key]


def _stored(mark: Fraction | None) -> Decimal | None:
    """Write an exact mark as a decimal: bounds and step are decimals, so that the division is exact."""
    return None if mark is None else Decimal(mark.numerator) / Decimal(mark.denominator)


def write_mark(
    review: Review,
    criterion_id: uuid.UUID,
    value: Decimal | None,
    entry: MarkInput,
    trail: Trail,
    actor: User,
    now: datetime,
) -> None:
    """Change the current mark and add its revision; nothing when nothing changed."""
    mark = find_mark(review, criterion_id)
    comment = entry.comment.strip()
    if mark is None:
        mark = Mark(review_id=review.id, criterion_id=criterion_id, value=None, not_applicable=False, comment="")
        review.marks.append(mark)
    if (mark.value, mark.not_applicable, mark.comment) == (value, entry.not_applicable, comment):
        return
    mark.value, mark.not_applicable, mark.comment = value, entry.not_applicable, comment
    db.session.add(
        MarkRevision(
            review_id=review.id,
            criterion_id=criterion_id,
            number=trail.numbers.get(criterion_id, 0) + 1,
            value=value,
            not_applicable=entry.not_applicable,
            comment=comment,
            at=now,
            by_id=actor.id,
            reason=trail.reason,
        )
    )


def submit_review(review: Review, *, actor: User, now: datetime) -> Review:
    """Submit a complete review: it counts from now on. The first one of a call's version freezes its grid.

    Raises:
        InvalidError: a mark is missing (on its criterion), or a justification (on ``<criterion>.comment``).
        ConflictError: already submitted, scoring not open, or the grid was revised since this review was begun.
        ForbiddenError: recused, or not this member's review.

    """
    application = db.session.get_one(Application, review.application_id)
    check_may_mark(review.member, application, actor, now)
    checks.check_draft(review)
    hold_grid(application)
    checks.check_answered(review, application.call_version)
    grid = read_grid(application.call_version)
    given = {mark.criterion_id: mark for mark in review.marks}
    marks: dict[str, Fraction | None] = {}
    comments: dict[str, str] = {}
    for line in grid.lines:
        mark = given.get(line.id)
        if mark is None:
            continue
        comments[line.key] = mark.comment
        if mark.not_applicable or mark.value is not None:
            marks[line.key] = None if mark.value is None else Fraction(mark.value)
    checks.check_complete(grid, marks)
    checks.check_justified(grid, marks, comments)
    _freeze_grid(review, grid, now)
    with db.session.no_autoflush:  # the date and the state are one change for the database
        review.rubric_fingerprint, review.submitted_at, review.updated_at = grid.fingerprint, now, now
        apply(states.WORKFLOW, review, "submit", actor, now)
    refresh_standing(application, now)
    return review


def _freeze_grid(review: Review, grid: Grid, now: datetime) -> None:
    """Freeze the grid at its first submitted review; afterwards, refuse another one under the same number."""
    frozen = db.session.scalar(
        select(FrozenRubric).where(
            FrozenRubric.call_version_id == grid.version_id, FrozenRubric.grid_number == grid.number
        )
    )
    checks.check_same_grid(grid, frozen)
    if frozen is not None:
        return
    together = ConflictError("Une autre évaluation vient d'être remise : recommencez.", code="remise-simultanee")
    with refusing({"uq_frozen_rubrics_call_version_id_grid_number": together}):
        db.session.add(
            FrozenRubric(
                call_version_id=grid.version_id,
                grid_number=grid.number,
                fingerprint=grid.fingerprint,
                review_id=review.id,
                frozen_at=now,
            )
        )


def reopen_review(review: Review, *, reason: str, actor: User, now: datetime) -> Review:
    """Take a submitted review back to draft, for a reason, as long as its juror may still mark: it stops counting.

    Raises:
        InvalidError: no reason.
        ConflictError: not submitted, scoring is over, or the grid was revised since: it is then marked again.
        ForbiddenError: recused, or not this member's review.

    """
    application = db.session.get_one(Application, review.application_id)
    check_may_mark(review.member, application, actor, now)
    checks.check_submitted(review)
    hold_grid(application)
    checks.check_answered(review, application.call_version)
    checks.check_reason(reason)
    with db.session.no_autoflush:  # the date and the state are one change for the database
        review.submitted_at, review.updated_at = None, now
        apply(states.WORKFLOW, review, "reopen", actor, now, reason)
    refresh_standing(application, now)
    return review
