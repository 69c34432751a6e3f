"""Who reads which file: assignments, recusals, and candidate conflicts set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db, refusing
from aap.errors import ConflictError
from aap.jury import checks
from aap.jury.models import (
    Assignment,
    AssignmentRefusal,
    ConflictKind,
    DismissedConflict,
    JuryMember,
    Recusal,
    ReviewState,
)
from aap.jury.revised import is_begun
from aap.jury.service.bundles import renew_bundle
from aap.jury.service.standings import refresh_standing
from aap.jury.service.trail import hold_review
from aap.outbox import promise_mail


def assign(
    member: JuryMember,
    application: Application,
    *,
    actor: User,
    now: datetime,
    why: str = "",
    open_until: datetime | None = None,
) -> Assignment:
    """Ask a member to mark a file. After the closure, ``open_until`` says until when an additional reviewer may.

    Raises:
        ConflictError: already assigned, other call, file not before the jury, or the person leads it.
        ForbiddenError: the member left, or stood back from the file.
        InvalidError: ``open_until`` missing after the closure, or given before it.

    """
    checks.check_same_call(member, application)
    checks.check_active(member)
    checks.check_called_in(member)
    checks.check_not_recused(member, application)
    checks.check_readable(application)
    checks.check_not_applicant(member.user, application)
    checks.check_additional_until(application.call_version, open_until, now)
    row = Assignment(
        jury_member_id=member.id,
        application_id=application.id,
        why=why,
        open_until=open_until,
        assigned_at=now,
        assigned_by_id=actor.id,
    )
    twice = ConflictError("Ce dossier est déjà confié à ce membre.", code="deja-confie")
    with refusing({"uq_assignments_jury_member_id_application_id": twice}):
        db.session.add(row)
    audit.record("jury.assign", application, actor_id=actor.id, now=now, detail={"member": str(member.id)})
    return row


def unassign(member: JuryMember, application: Application, *, actor: User, now: datetime) -> None:
    """Take a file back from a member. What was already marked stays, and counts only if submitted."""
    if _drop_assignment(member, application):
        renew_bundle(member, now)
        audit.record("jury.unassign", application, actor_id=actor.id, now=now, detail={"member": str(member.id)})


def _drop_assignment(member: JuryMember, application: Application) -> bool:
    dropped = db.session.execute(
        delete(Assignment)
        .where(Assignment.jury_member_id == member.id, Assignment.application_id == application.id)
        .returning(Assignment.id)
    )
    return dropped.first() is not None


def decline_assignment(
    member: JuryMember, application: Application, *, reason: str, actor: User, now: datetime
) -> AssignmentRefusal:
    """Give a file back before marking it, for a reason: its officer is told, who finds somebody else.

    It is not a recusal: the file stays readable. The same member is not proposed for it again.

    Raises:
        InvalidError: no reason.
        ConflictError: something was marked already, or the file was not confided.
        ForbiddenError: not this member, or gone.

    """
    checks.check_is_member(member, actor)
    checks.check_active(member)
    reason = checks.check_reason(reason)
    held = hold_review(member, application)
    if held is not None and (held[0].state is ReviewState.SUBMITTED or is_begun(held[0])):
        message = "Vous avez commencé à noter ce dossier : déportez-vous si un lien l'exige, ou écrivez à l'agence."
        raise ConflictError(message, code="notation-commencee")
    if not _drop_assignment(member, application):
        raise ConflictError("Ce dossier ne vous est pas confié.", code="dossier-non-confie")
    renew_bundle(member, now)
    row = AssignmentRefusal(jury_member_id=member.id, application_id=application.id, reason=reason, at=now)
    db.session.add(row)
    db.session.flush()
    audit.record("jury.decline_assignment", application, actor_id=actor.id, now=now, detail={"member": str(member.id)})
    call = application.call_version.call
    promise_mail(
        "jury-refusal",
        call.contact_mailbox,
        {
            "reference": application.reference or "",
            "code": member.code,
            "call_title": call.title,
            "reason": reason,
            "path": f"/agence/appels/{call.id}/jury/repartition",
        },
        key=f"jury-refusal:{row.id}",
        now=now,
        region_code=call.region_code,
    )
    return row


def recuse(
    member: JuryMember,
    application: Application,
    *,
    reason: str,
    actor: User,
    now: datetime,
    kind: ConflictKind | None = None,
) -> Recusal:
    """Stand back from a file, at any time and for good: it disappears for the member, whose marks stop counting.

    ``actor`` is the member, or the officer who confirms a candidate conflict of this ``kind``.

    Raises:
        InvalidError: no reason.
        ConflictError: already recused, or another call's file.

    """
    checks.check_same_call(member, application)
    row = Recusal(
        jury_member_id=member.id,
        application_id=application.id,
        reason=checks.check_reason(reason),
        kind=kind,
        at=now,
        by_id=actor.id,
    )
    twice = ConflictError("Ce membre s'est déjà déporté de ce dossier.", code="deja-deporte")
    with refusing({"uq_recusals_jury_member_id_application_id": twice}):
        db.session.add(row)
    _drop_assignment(member, application)
    renew_bundle(member, now)
    refresh_standing(application, now)
    audit.record("jury.recuse", application, actor_id=actor.id, now=now, detail={"member": str(member.id)})
    call = application.call_version.call
    promise_mail(
        "jury-recusal",
        call.contact_mailbox,
        {"reference": application.reference or "", "code": member.code, "call_title": call.title},
        key=f"jury-recusal:{row.id}",
        now=now,
        region_code=call.region_code,
    )
    return row


def dismiss_conflict(
    member: JuryMember, application: Application, kind: ConflictKind, *, reason: str, actor: User, now: datetime
) -> DismissedConflict:
    """Set aside a candidate conflict, with the reason: it is no longer proposed.

    Raises:
        InvalidError: no reason.
        ConflictError: already set aside.

    """
    checks.check_same_call(member, application)
    row = DismissedConflict(
        jury_member_id=member.id,
        application_id=application.id,
        kind=kind,
        reason=checks.check_reason(reason),
        at=now,
        by_id=actor.id,
    )
    twice = ConflictError("Ce lien a déjà été écarté.", code="deja-ecarte")
    with refusing({"uq_dismissed_conflicts_jury_member_id_application_id_kind": twice}):
        db.session.add(row)
    audit.record("jury.dismiss_conflict", application, actor_id=actor.id, now=now, detail={"kind": kind.value})
    return row
