"""The editorial circuit: submitted, reviewed with the grid, validated by the lead then by the agency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from aap.accounts.models import RegionalRole, RoleName, User
from aap.capitalisation import checks
from aap.capitalisation.body import read_body
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import (
    GridAnswer,
    ReviewOutcome,
    Sheet,
    SheetReview,
    SheetReviewAnswer,
    SheetState,
    SheetVersion,
)
from aap.capitalisation.queries.reading import content_of, list_reviews
from aap.capitalisation.states import REVIEWER, SHEET_WORKFLOW, relations_to_sheet
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError
from aap.evaluation.service import follow_sheet_submission, follow_sheet_validation
from aap.jury.blindness import recused_members
from aap.jury.models import JuryMember
from aap.outbox import promise_mail
from aap.workflow import apply, record_event


def submit_sheet(sheet: Sheet, *, actor: User, now: datetime) -> int:
    """Hand the sheet to its reviewers and return the number of the version they will read.

    Raises:
        InvalidError: a part is missing, with its section as place.
        ConflictError: the sheet is not being written.
        ForbiddenError: neither writer, lead nor editor.

    """
    checks.check_complete(sheet, read_body(sheet.body), len(sheet.figures))
    sheet.version += 1
    apply(SHEET_WORKFLOW, sheet, "submit", actor, now)
    db.session.add(
        SheetVersion(sheet_id=sheet.id, number=sheet.version, content=content_of(sheet), at=now, by_id=actor.id)
    )
    db.session.flush()
    if sheet.project is not None:
        follow_sheet_submission(sheet.project, actor=actor, now=now)
    for address in _reviewers(sheet):
        tell(sheet, "sheet-to-review", address, now)
    return sheet.version


def review_sheet(
    sheet: Sheet,
    answers: Mapping[str, tuple[GridAnswer, str]],
    outcome: ReviewOutcome,
    *,
    note: str = "",
    actor: User,
    now: datetime,
) -> SheetReview:
    """Record a review of the version in review: every point answered (answer, comment), and an outcome.

    Requested changes send the sheet back to its writer; an agreement asks the lead to validate.

    Raises:
        ConflictError: the sheet is not in review, or this person already reviewed this version.
        InvalidError: a point without answer, a binding "no" in an agreement, changes without a note.
        ForbiddenError: the actor is no reviewer, or wrote or leads the sheet.

    """
    if sheet.state is not SheetState.IN_REVIEW:
        raise ConflictError("Cette fiche n'est pas en relecture.", code="fiche-hors-relecture")
    if REVIEWER not in relations_to_sheet(sheet, actor):
        raise ForbiddenError("Seul un relecteur qui n'a pas écrit la fiche peut la relire.")
    checks.check_grid(answers, outcome)
    kept = checks.check_note(outcome, note)
    review = SheetReview(
        sheet_id=sheet.id, version=sheet.version, reviewer_id=actor.id, outcome=outcome, note=kept, at=now
    )
    review.answers = [
        SheetReviewAnswer(key=point.key, position=position, answer=answers[point.key][0], comment=answers[point.key][1])
        for position, point in enumerate(REVIEW_GRID, start=1)
    ]
    twice = ConflictError("Vous avez déjà relu cette version.", code="relecture-en-double")
    with refusing({"uq_sheet_reviews_sheet_id_version_reviewer_id": twice}):
        db.session.add(review)
    if outcome is ReviewOutcome.CHANGES_REQUESTED:
        apply(SHEET_WORKFLOW, sheet, "request_changes", actor, now, kept)
        tell_writers(sheet, "sheet-changes-requested", now, kept)
    else:
        state = sheet.state.value
        record_event(sheet, "review_ok", state, state, actor, now, kept or None)
        if sheet.project is not None:
            tell(sheet, "sheet-to-validate", sheet.project.application.lead.email, now)
    return review


def validate_by_lead(sheet: Sheet, *, actor: User, now: datetime) -> None:
    """Validate as the project's lead (the writer, without project); the call's report is then validated.

    Raises:
        ConflictError: no favourable review of this version, or not in review.
        ForbiddenError: not the lead.

    """
    if sheet.state is SheetState.IN_REVIEW:
        checks.check_reviewed(list_reviews(sheet), sheet.version)
    apply(SHEET_WORKFLOW, sheet, "validate_by_lead", actor, now)
    if sheet.project is not None:
        follow_sheet_validation(sheet.project, actor=actor, now=now)


def send_back(sheet: Sheet, reason: str, *, actor: User, now: datetime) -> None:
    """Send a sheet back to its writer, saying why.

    Raises:
        ConflictError: no reason, or the state does not allow it.
        ForbiddenError: neither lead nor editor.

    """
    apply(SHEET_WORKFLOW, sheet, "send_back", actor, now, reason)
    tell_writers(sheet, "sheet-changes-requested", now, reason)


def validate_sheet(sheet: Sheet, *, actor: User, now: datetime) -> None:
    """Validate for the agency.

    Raises:
        ConflictError: the lead has not validated.
        ForbiddenError: not an editor of the region.

    """
    apply(SHEET_WORKFLOW, sheet, "validate", actor, now)


def tell_writers(sheet: Sheet, template: str, now: datetime, note: str = "") -> None:
    """Promise a mail to the writer and to the project's lead."""
    addresses = set()
    writer = db.session.get(User, sheet.writer_id) if sheet.writer_id else None
    if writer is not None and relations_to_sheet(sheet, writer):  # none is left to who stood back from the file
        addresses.add(writer.email)
    if sheet.project is not None:
        addresses.add(sheet.project.application.lead.email)
    for address in sorted(addresses):
        tell(sheet, template, address, now, note)


def tell(sheet: Sheet, template: str, to: str, now: datetime, note: str = "") -> None:
    """Promise a mail about a sheet, once per version."""
    promise_mail(
        template,
        to,
        {
            "title": sheet.title,
            "version": sheet.version,
            "reference": sheet.reference or "",
            "path": f"/fiches/{sheet.slug}" if sheet.state is SheetState.PUBLISHED else f"/agence/fiches/{sheet.id}",
            "note": note,
        },
        key=f"{template}:{sheet.id}:{sheet.version}",
        now=now,
        region_code=sheet.region_code,
    )


def _reviewers(sheet: Sheet) -> list[str]:
    """Return the addresses of the reviewers, save the writer and whoever stood back from the file."""
    query = (
        select(User.email)
        .join(RegionalRole, RegionalRole.user_id == User.id)
        .where(
            RegionalRole.role == RoleName.REVIEWER,
            RegionalRole.region_code == sheet.region_code,
            User.active,
            User.id != sheet.writer_id,
        )
        .distinct()
        .order_by(User.email)
    )
    if sheet.project is not None:
        away = select(JuryMember.user_id).where(JuryMember.id.in_(recused_members(sheet.project.application_id)))
        query = query.where(User.id.not_in(away))
    return list(db.session.scalars(query))
