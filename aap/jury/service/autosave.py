"""Marks saved while they are typed: each criterion on its own, so that one refused or disputed holds no other back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db
from aap.errors import InvalidError
from aap.jury import checks
from aap.jury.grid import known_grid
from aap.jury.marking import check_may_mark
from aap.jury.models import JuryMember, Review
from aap.jury.service.private_notes import NOTE, NoteConflict, dispute_note, too_long, write_note
from aap.jury.service.reviews import (
    LONGEST,
    MarkInput,
    as_typed,
    find_mark,
    follow_grid,
    is_newer,
    read_mark,
    says_the_same,
    start_review,
    write_mark,
)
from aap.jury.service.trail import Trail, hold_review, read_trail


@dataclass(frozen=True, slots=True)
class MarkConflict:
    """The same criterion was saved elsewhere meanwhile: both, and the revision that is now the last."""

    key: str
    yours: MarkInput
    theirs: MarkInput
    version: int


@dataclass(frozen=True, slots=True)
class Autosaved:
    """What became of each criterion sent: its last revision, what is wrong with it, or the conflict to settle.

    The private note is told beside them, under its own key.
    """

    versions: dict[str, int]
    problems: dict[str, str]
    conflicts: tuple[MarkConflict, ...]
    refused: tuple[str, ...]
    note_conflict: NoteConflict | None = None


def autosave_review(
    member: JuryMember,
    application: Application,
    entries: Mapping[str, MarkInput],
    seen: Mapping[str, int],
    *,
    actor: User,
    now: datetime,
    private_note: str | None = None,
) -> Autosaved:
    """Save what can be, criterion by criterion; ``seen`` gives the revision of each that the page knew.

    The review is opened when it is not yet. It is locked first: the right to mark is then read as it is after the
    wait, in the transaction that writes.

    Raises:
        ConflictError: the review is submitted, or scoring is not open.
        ForbiddenError: not this member, not declared, recused, or not assigned.

    """
    review, trail = _held_or_started(member, application, actor, now)
    checks.check_draft(review)
    grid = known_grid(application.call_version, review.grid_number)
    versions: dict[str, int] = {}
    problems: dict[str, str] = {}
    conflicts: list[MarkConflict] = []
    refused: list[str] = []
    for key, entry in entries.items():
        line_id = grid.line_ids.get(key)
        if line_id is None:
            continue
        last = trail.numbers.get(line_id, 0)
        versions[key] = last
        if len(entry.comment) > LONGEST:
            refused.append(key)
            continue
        try:
            value = read_mark(grid, key, entry)
        except InvalidError as error:
            problems[key] = error.problems[0].message
            continue
        mark = find_mark(review, line_id)
        if says_the_same(mark, value, entry):
            continue
        if is_newer(review, line_id, seen.get(key, 0), trail):
            conflicts.append(MarkConflict(key, entry, as_typed(mark), last))
            continue
        write_mark(review, line_id, value, entry, trail, actor, now)
        versions[key] = last + 1
    disputed: NoteConflict | None = None
    if private_note is not None:
        disputed = _save_note(review, private_note, seen.get(NOTE, 0), refused)
        versions[NOTE] = review.note_version
    review.updated_at = now
    flag_modified(review, "updated_at")
    db.session.flush()
    return Autosaved(versions, problems, tuple(conflicts), tuple(refused), disputed)


def _save_note(review: Review, text: str, seen: int, refused: list[str]) -> NoteConflict | None:
    """Write the note, or say what it conflicts with; one too long joins what is refused."""
    if too_long(text):
        refused.append(NOTE)
        return None
    disputed = dispute_note(review, text, seen)
    if disputed is None:
        write_note(review, text)
    return disputed


def _held_or_started(member: JuryMember, application: Application, actor: User, now: datetime) -> tuple[Review, Trail]:
    """Lock the review, or open it; whoever may not mark gets neither."""
    held = hold_review(member, application)
    if held is None:
        review = start_review(member, application, actor=actor, now=now)
        return review, read_trail(review)
    check_may_mark(member, application, actor, now)
    follow_grid(held[0], application)
    return held
