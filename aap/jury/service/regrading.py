"""A juror answers the revision of a grid, review by review: keep the review, or mark it again.

Stored marks are never rewritten: those given under the earlier grid stay on its criteria, and what is carried over is
written as first revisions of the criteria of the grid in force.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CallVersion
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.jury import states
from aap.jury.grid import Grid, known_grid
from aap.jury.marking import check_may_mark
from aap.jury.models import GridAnswer, GridChoice, JuryMember, Mark, MarkRevision, Review, ReviewState
from aap.jury.queries.answers import is_kept
from aap.jury.revised import changed_meaning, is_behind, project_review
from aap.jury.service.standings import hold_grid, refresh_standing
from aap.jury.service.trail import hold_review
from aap.scoring.revision import is_admitted, same_scale
from aap.scoring.rubric import review_total
from aap.workflow import apply


@dataclass(frozen=True, slots=True)
class CarriedLine:
    """A criterion of the grid in force, and what becomes of the mark given before when the review is marked again.

    ``before`` is ``None`` without a mark, or when it is « sans objet » (``was_na``). ``same`` when the mark says the
    same under both grids: it is carried over.
    """

    key: str
    label: str
    before: Fraction | None
    was_na: bool
    same: bool
    added: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What each answer entails for one review. Totals are exact; ``None`` when the review does not count, or no longer.

    ``usable``: a submitted review may be kept as it is. ``dropped`` are the labels of the criteria that are gone.
    """

    submitted: bool
    kept: bool
    usable: bool
    total_before: Fraction | None
    total_kept: Fraction | None
    scale_before: Fraction
    scale_after: Fraction
    lines: tuple[CarriedLine, ...]
    dropped: tuple[str, ...]
    from_number: int
    number: int


def look_ahead(review: Review, version: CallVersion) -> Outlook:
    """Say what keeping a review, or marking it again, would do under the grid in force.

    Raises:
        NotFoundError: nothing is asked about this review.

    """
    if not is_behind(review, version):
        raise NotFoundError("Cette grille est à jour : rien n'est à confirmer.")
    before, after = known_grid(version, review.grid_number), known_grid(version)
    given = {mark.criterion_id: mark for mark in review.marks}
    marks = _marks(before, given)
    submitted = review.state is ReviewState.SUBMITTED
    projected = project_review(before, after, marks) if submitted else None
    changed = changed_meaning(before, after)
    return Outlook(
        submitted=submitted,
        kept=is_kept(review, version),
        usable=projected is None or projected.usable,
        total_before=review_total(before.rubric, marks) if submitted else None,
        total_kept=review_total(after.rubric, projected.marks) if projected and projected.usable else None,
        scale_before=before.rubric.scale_to,
        scale_after=after.rubric.scale_to,
        lines=tuple(
            CarriedLine(
                key=line.key,
                label=line.label,
                before=marks.get(line.key),
                was_na=line.key in marks and marks[line.key] is None,
                same=line.key not in changed,
                added=line.key not in before.criteria,
            )
            for line in after.lines
        ),
        dropped=tuple(line.label for line in before.lines if line.key not in after.criteria),
        from_number=before.number,
        number=after.number,
    )


def _marks(grid: Grid, given: Mapping[uuid.UUID, Mark]) -> dict[str, Fraction | None]:
    found: dict[str, Fraction | None] = {}
    for line in grid.lines:
        mark = given.get(line.id)
        if mark is not None and (mark.not_applicable or mark.value is not None):
            found[line.key] = None if mark.value is None else Fraction(mark.value)
    return found


def answer_revision(
    member: JuryMember, application: Application, choice: GridChoice, *, seen: int, actor: User, now: datetime
) -> Review:
    """Keep a review under the grid in force, or mark it again.

    A submitted review that is kept stays as it is and counts as ``aap.scoring.revision`` reads it; marked again, it is
    reopened with the marks that say the same, the others to give. A draft follows the grid in force either way: kept,
    with every mark that it admits; marked again, with those that say the same. ``seen`` is the number of the grid that
    the page showed.

    Raises:
        NotFoundError: nothing is asked about this review.
        ConflictError: scoring is over, revised again since the page was made, already kept, or it cannot be kept.
        ForbiddenError: not this member, not declared, recused, or not assigned.

    """
    held = hold_review(member, application)
    check_may_mark(member, application, actor, now)
    version = hold_grid(application)
    if held is None:
        raise NotFoundError("Vous n'avez rien noté sur ce dossier.")
    review = held[0]
    outlook = look_ahead(review, version)
    if seen != version.grid_number:
        message = "La grille vient d'être révisée de nouveau : relisez ce qui change."
        raise ConflictError(message, code="grille-revisee-entre-temps")
    if choice is GridChoice.KEEP and not outlook.usable:
        message = "Cette évaluation ne peut pas être gardée : trop de critères de la nouvelle grille y sont sans note."
        raise InvalidError.on("choice", message, code="evaluation-a-renoter")
    _record(review, outlook, choice, actor, now)
    if choice is GridChoice.KEEP and outlook.submitted:
        return review
    _follow(review, version, outlook, choice, actor, now)
    if outlook.submitted:
        with db.session.no_autoflush:  # the date and the state are one change for the database
            review.submitted_at, review.updated_at = None, now
            reason = f"Grille de l'appel révisée (version {outlook.number}) : le juré renote."
            apply(states.WORKFLOW, review, "reopen", actor, now, reason)
        refresh_standing(application, now)
    review.updated_at = now
    db.session.flush()
    return review


def _record(review: Review, outlook: Outlook, choice: GridChoice, actor: User, now: datetime) -> None:
    row = GridAnswer(
        review_id=review.id,
        number=outlook.number,
        from_number=outlook.from_number,
        choice=choice,
        at=now,
        by_id=actor.id,
    )
    twice = ConflictError("Vous avez déjà répondu pour ce dossier.", code="deja-repondu")
    with refusing({"uq_grid_answers_review_id_number_choice": twice}):
        db.session.add(row)
    detail = {"choice": choice.value, "from": outlook.from_number, "to": outlook.number}
    audit.record("jury.answer-revision", review, actor_id=actor.id, now=now, detail=detail)


def _follow(
    review: Review, version: CallVersion, outlook: Outlook, choice: GridChoice, actor: User, now: datetime
) -> None:
    """Set a review under the grid in force, with what is carried over; comments always are: nothing written is lost."""
    before, after = known_grid(version, review.grid_number), known_grid(version)
    given = {mark.criterion_id: mark for mark in review.marks}
    earlier = before.line_ids
    same = {line.key for line in outlook.lines if line.same}
    every = choice is GridChoice.KEEP
    review.grid_number = after.number
    for line in after.lines:
        old = given.get(earlier[line.key]) if line.key in earlier else None
        if old is None or line.id in given:
            continue
        marked = old.not_applicable or old.value is not None
        admitted = marked and is_admitted(after.criteria[line.key], _fraction(old.value))
        carried = admitted and (
            line.key in same or (every and same_scale(before.criteria[line.key], after.criteria[line.key]))
        )
        if not carried and not old.comment:
            continue
        _carry(review, line.id, old, carried=carried, outlook=outlook, actor=actor, now=now)
    db.session.flush()


def _fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _carry(
    review: Review, criterion_id: uuid.UUID, old: Mark, *, carried: bool, outlook: Outlook, actor: User, now: datetime
) -> None:
    """Write what is carried over as a first mark, and its first revision, on a criterion of the grid in force."""
    value = old.value if carried else None
    not_applicable = old.not_applicable and carried
    review.marks.append(
        Mark(
            review_id=review.id,
            criterion_id=criterion_id,
            value=value,
            not_applicable=not_applicable,
            comment=old.comment,
        )
    )
    db.session.add(
        MarkRevision(
            review_id=review.id,
            criterion_id=criterion_id,
            number=1,
            value=value,
            not_applicable=not_applicable,
            comment=old.comment,
            at=now,
            by_id=actor.id,
            reason=f"Repris de la version {outlook.from_number} de la grille.",
        )
    )
