"""The session of the jury: its date, its agenda, hearings, who is there."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update

from aap import audit, french
from aap.accounts.models import User
from aap.calls.models import Call
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, StaleError
from aap.jury import checks
from aap.jury.models import JuryMember, JurySession, SessionItem, SessionPresence, SnapshotOccasion
from aap.jury.queries.ranking import RankedRow, list_ranking
from aap.jury.queries.session import on_agenda
from aap.jury.service.holding import hold
from aap.jury.service.snapshots import freeze_at
from aap.outbox import promise_mail

SLOT = timedelta(minutes=480)  # the longest hearing that makes sense: a day of work


def plan_session(call: Call, *, held_at: datetime, place: str, actor: User, now: datetime) -> JurySession:
    """Call the jury together once marks are open: divergent files first, then in the order of the ranking.

    Raises:
        ConflictError: individual scoring is not closed, or the session is already planned.
        InvalidError: a place too long.

    """
    if not checks.scoring_window(call.versions[-1]).closed:
        raise ConflictError("La séance se prépare quand la notation est close.", code="notation-en-cours")
    session = JurySession(call_id=call.id, held_at=held_at, place=_short(place))
    planned = ConflictError("La séance de ce jury est déjà prévue.", code="seance-prevue")
    with refusing({"uq_jury_sessions_call_id": planned}):
        db.session.add(session)
    _add_missing(session, call)
    audit.record("jury.plan_session", session, actor_id=actor.id, now=now, detail={"call": str(call.id)})
    _summon(session, call, now)
    return session


def _short(place: str) -> str:
    if len(place.strip()) > 200:
        raise InvalidError.on("place", "Le lieu compte 200 caractères au plus.", code="lieu-trop-long")
    return place.strip()


def _summon(session: JurySession, call: Call, now: datetime) -> None:
    """Promise a mail to every member who sits, at each change: an hour given up then taken back is told again."""
    members = select(JuryMember.id, User.email).join(User, User.id == JuryMember.user_id)
    sitting = members.where(JuryMember.call_id == call.id, JuryMember.left_at.is_(None), ~JuryMember.substitute)
    for member_id, email in db.session.execute(sitting.order_by(JuryMember.code)):
        promise_mail(
            "jury-session",
            email,
            {
                "call_title": call.title,
                "held_at": french.moment(session.held_at),
                "place": session.place,
                "path": f"/agence/appels/{call.id}/seance",
            },
            key=f"jury-session:{session.id}:{member_id}:{session.lock_version}",
            now=now,
            region_code=call.region_code,
        )


def _add_missing(session: JurySession, call: Call) -> int:
    """Put the files that are not on the agenda at its end, divergent ones first; return how many."""
    known = {item.application_id for item in session.items}
    rows = sorted((row for row in list_ranking(call.id) if row.application_id not in known), key=_discussion_order)
    for position, row in enumerate(rows, start=len(known) + 1):
        session.items.append(SessionItem(application_id=row.application_id, position=position))
    db.session.flush()
    return len(rows)


def _discussion_order(row: RankedRow) -> tuple[bool, bool, int, str]:
    """Divergent files, then ranked ones, then the others."""
    return (not row.divergence_over, row.rank_overall is None, row.rank_overall or 0, row.reference)


def move_session(session: JurySession, *, held_at: datetime, place: str, actor: User, now: datetime) -> JurySession:
    """Change the hour or the place; files judged meanwhile join the agenda; members are told of a new hour or place.

    Leads who are to be heard are told of a new place; their own hour is theirs.

    Raises:
        ConflictError: the session is open or over.

    """
    hold(session)
    if session.opened_at is not None:
        raise ConflictError("La séance est ouverte : sa date ne change plus.", code="seance-ouverte")
    call = db.session.get_one(Call, session.call_id)
    known = (session.held_at, session.place)
    session.held_at, session.place = held_at, _short(place)
    told = (session.held_at, session.place) != known
    _add_missing(session, call)
    audit.record("jury.move_session", session, actor_id=actor.id, now=now)
    if told:
        _summon(session, call, now)
    if session.place != known[1]:
        for item in on_agenda(session):
            if item.hearing_at is not None and item.recorded_at is None:
                _tell_hearing(item, now)
    return session


def place_item(item: SessionItem, position: int, *, actor: User, now: datetime) -> None:
    """Move a file to a place of the agenda, counted from 1; the others keep their order around it.

    The order is nobody's text: it leaves ``lock_version`` alone, so that whoever writes an opinion meanwhile goes on.
    """
    checks.check_not_signed(hold(item.session))
    others = [row for row in item.session.items if row.id != item.id]
    others.insert(max(0, min(position, len(others) + 1) - 1), item)
    for number, row in enumerate(others, start=1):
        db.session.execute(update(SessionItem).where(SessionItem.id == row.id).values(position=number))
    audit.record("jury.place_item", item, actor_id=actor.id, now=now, detail={"position": item.position})


def schedule_hearing(
    item: SessionItem,
    at: datetime | None,
    minutes: int | None,
    *,
    actor: User,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Invite the lead to be heard, or call it off with neither hour nor length; the lead is told either way.

    ``seen_version`` is the ``lock_version`` the page was made from. The same hearing asked twice is told once.

    Raises:
        InvalidError: an hour without a length, a length without an hour, or an absurd one (on ``hearing_minutes``).
        ConflictError: the file was already discussed, or the minutes are signed.
        StaleError: somebody else arranged another hearing meanwhile; carries both.

    """
    checks.check_not_signed(hold(item.session))
    if item.recorded_at is not None:
        raise ConflictError("Ce dossier a déjà été examiné.", code="dossier-examine")
    if (item.hearing_at, item.hearing_minutes) == (at, minutes):
        return
    if seen_version is not None and seen_version != item.lock_version:
        raise StaleError(
            "Une autre personne vient de modifier cette audition. Relisez avant de recommencer.",
            yours=_hearing_words(at, minutes),
            theirs=_hearing_words(item.hearing_at, item.hearing_minutes),
        )
    if (at is None) != (minutes is None):
        place, message = (
            ("hearing_at", "Indiquez l'heure.") if at is None else ("hearing_minutes", "Indiquez la durée.")
        )
        raise InvalidError.on(place, message, code="audition-incomplete")
    if minutes is not None and not 0 < minutes <= SLOT // timedelta(minutes=1):
        raise InvalidError.on("hearing_minutes", "Indiquez une durée de 1 à 480 minutes.", code="duree-invalide")
    before = item.hearing_at
    item.hearing_at, item.hearing_minutes = at, minutes
    db.session.flush()
    audit.record("jury.schedule_hearing", item, actor_id=actor.id, now=now)
    if at != before:
        _tell_hearing(item, now)


def _hearing_words(at: datetime | None, minutes: int | None) -> str:
    hour = french.moment(at) if at else "Sans audition"
    return f"{hour}, {french.plural(minutes, 'minute')}" if minutes is not None else hour


def _tell_hearing(item: SessionItem, now: datetime) -> None:
    application, at = item.application, item.hearing_at
    state = f"{at.isoformat() if at else 'cancelled'}:{item.lock_version}.{item.session.lock_version}"
    promise_mail(
        "jury-hearing" if at else "jury-hearing-cancelled",
        application.lead.email,
        {
            "title": application.label,
            "reference": application.reference or "",
            "hearing_at": french.moment(at) if at else "",
            "minutes": french.plural(item.hearing_minutes or 0, "minute"),
            "place": item.session.place,
            "path": f"/dossiers/{application.id}/audition",
        },
        key=f"jury-hearing:{item.id}:{state}",
        now=now,
        region_code=application.region_code,
    )


def record_presence(
    session: JurySession,
    present: Collection[uuid.UUID],
    *,
    actor: User,
    now: datetime,
    seen: Collection[uuid.UUID] | None = None,
) -> int:
    """Say who is there now, by identifiers of members: who is new arrives, who is missing has left.

    The first time opens the session, and freezes the ranking that it starts from.

    ``seen`` is who was there on the page: only what its author changed counts, so that two people who tick at the same
    time do not undo each other. Without it, ``present`` is the whole list. Returns how many members are there.

    Raises:
        ConflictError: the session is closed.
        InvalidError: a person who does not sit on this jury (on ``present``).

    """
    if hold(session).closed_at is not None:
        raise ConflictError("La séance est levée : les présences ne changent plus.", code="seance-levee")
    sitting = select(JuryMember.id).where(
        JuryMember.call_id == session.call_id, JuryMember.left_at.is_(None), ~JuryMember.substitute
    )
    known, by_member = set(db.session.scalars(sitting)), {row.jury_member_id: row for row in session.presences}
    there = {identifier for identifier, row in by_member.items() if row.left_at is None}
    before = there if seen is None else set(seen)
    if set(present) - before - known:
        raise InvalidError.on("present", "Une personne ne siège pas à ce jury.", code="hors-jury")
    wanted = ((there | set(present) - before) - (before - set(present))) & known
    for identifier in sorted(wanted - there, key=str):
        row = by_member.get(identifier)
        if row is None:
            session.presences.append(SessionPresence(jury_member_id=identifier, arrived_at=now))
        else:
            row.left_at = None
    for identifier in there - wanted:
        by_member[identifier].left_at = now
    opening = session.opened_at is None and bool(wanted)
    if opening:
        session.opened_at = now
    db.session.flush()
    if opening:
        freeze_at(db.session.get_one(Call, session.call_id), SnapshotOccasion.OPENING, actor=actor, now=now)
    audit.record("jury.record_presence", session, actor_id=actor.id, now=now, detail={"present": len(wanted)})
    return len(wanted)


def close_session(session: JurySession, *, actor: User, now: datetime) -> JurySession:
    """Close the session: presences are settled; opinions may still be mended until the signature. Once is enough.

    Raises:
        ConflictError: not open.

    """
    if hold(session).opened_at is None:
        raise ConflictError("La séance n'est pas ouverte.", code="seance-fermee")
    if session.closed_at is not None:
        return session
    for row in session.presences:
        row.left_at = row.left_at or now
    session.closed_at = now
    db.session.flush()
    audit.record("jury.close_session", session, actor_id=actor.id, now=now)
    return session


def resume_session(session: JurySession, *, actor: User, now: datetime) -> JurySession:
    """Open again a session closed too early, or another day: who is there is noted again before anything is recorded.

    Raises:
        ConflictError: not closed, or its minutes are signed.

    """
    checks.check_not_signed(hold(session))
    if session.closed_at is None:
        raise ConflictError("La séance n'est pas levée.", code="seance-ouverte")
    session.closed_at = None
    db.session.flush()
    audit.record("jury.resume_session", session, actor_id=actor.id, now=now)
    return session
