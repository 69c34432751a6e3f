"""The session of the jury: its agenda, who is there, what is agreed file by file, its minutes.

Whoever stood back from a file is out of its quorum. What was agreed may be mended until the minutes are signed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from aap import audit, french
from aap.accounts.models import User
from aap.calls.models import Call, DecisionKind
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem, StaleError
from aap.jury import checks
from aap.jury.blindness import is_true, recused
from aap.jury.grid import read_grid
from aap.jury.models import JuryMember, JurySession, SessionItem, SessionPresence
from aap.jury.queries.quorum import quorum_of
from aap.jury.queries.ranking import RankedRow, list_ranking
from aap.outbox import promise, promise_mail

MINUTES = "jury-minutes"
LONGEST = 5000
SLOT = timedelta(minutes=480)  # the longest hearing that makes sense: a day of work


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the jury agrees on a file: its opinion, perhaps a mark of consensus out of the scale of the call, votes."""

    kind: DecisionKind
    consensus_mark: Decimal | None = None
    amount_eur: Decimal | None = None
    rank: int | None = None
    motive: str = ""
    reservations: str = ""
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None


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
    """Promise a mail to every member who sits, once per date."""
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
            key=f"jury-session:{session.id}:{member_id}:{session.held_at.isoformat()}",
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
    """Change the hour or the place; files judged meanwhile join the agenda; members are told of a new hour.

    Raises:
        ConflictError: the session is open or over.

    """
    if session.opened_at is not None:
        raise ConflictError("La séance est ouverte : sa date ne change plus.", code="seance-ouverte")
    call = db.session.get_one(Call, session.call_id)
    told = session.held_at != held_at
    session.held_at, session.place = held_at, _short(place)
    _add_missing(session, call)
    audit.record("jury.move_session", session, actor_id=actor.id, now=now)
    if told:
        _summon(session, call, now)
    return session


def place_item(item: SessionItem, position: int, *, actor: User, now: datetime) -> None:
    """Move a file to a place of the agenda, counted from 1; the others keep their order around it."""
    _check_not_signed(item.session)
    others = [row for row in item.session.items if row.id != item.id]
    others.insert(max(0, min(position, len(others) + 1) - 1), item)
    for number, row in enumerate(others, start=1):
        row.position = number
    db.session.flush()
    audit.record("jury.place_item", item, actor_id=actor.id, now=now, detail={"position": item.position})


def schedule_hearing(
    item: SessionItem, at: datetime | None, minutes: int | None, *, actor: User, now: datetime
) -> None:
    """Invite the lead to be heard, or call it off with neither hour nor length; the lead is told either way.

    Raises:
        InvalidError: an hour without a length, a length without an hour, or an absurd one (on ``hearing_minutes``).
        ConflictError: the file was already discussed, or the minutes are signed.

    """
    _check_not_signed(item.session)
    if item.recorded_at is not None:
        raise ConflictError("Ce dossier a déjà été examiné.", code="dossier-examine")
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


def _tell_hearing(item: SessionItem, now: datetime) -> None:
    application = item.application
    at = item.hearing_at
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
        key=f"jury-hearing:{item.id}:{at.isoformat() if at else 'cancelled'}:{item.lock_version}",
        now=now,
        region_code=application.region_code,
    )


def record_presence(session: JurySession, present: Collection[Any], *, actor: User, now: datetime) -> int:
    """Say who is there now, by identifiers of members: who is new arrives, who is missing has left. Opens the session.

    Returns how many members are there.

    Raises:
        ConflictError: the session is closed.
        InvalidError: a person who does not sit on this jury (on ``present``).

    """
    if session.closed_at is not None:
        raise ConflictError("La séance est levée : les présences ne changent plus.", code="seance-levee")
    sitting = select(JuryMember.id).where(
        JuryMember.call_id == session.call_id, JuryMember.left_at.is_(None), ~JuryMember.substitute
    )
    known, wanted = set(db.session.scalars(sitting)), set(present)
    if wanted - known:
        raise InvalidError.on("present", "Une personne ne siège pas à ce jury.", code="hors-jury")
    by_member = {row.jury_member_id: row for row in session.presences}
    for identifier in sorted(wanted, key=str):
        row = by_member.get(identifier)
        if row is None:
            session.presences.append(SessionPresence(jury_member_id=identifier, arrived_at=now))
        else:
            row.left_at = None
    for identifier, row in by_member.items():
        if identifier not in wanted and row.left_at is None:
            row.left_at = now
    if session.opened_at is None and wanted:
        session.opened_at = now
    db.session.flush()
    audit.record("jury.record_presence", session, actor_id=actor.id, now=now, detail={"present": len(wanted)})
    return len(wanted)


def record_agreement(
    item: SessionItem, data: Agreement, *, actor: User, now: datetime, seen_version: int | None = None
) -> SessionItem:
    """Record what the jury agrees on a file, quorum counted without those who stood back from it.

    ``seen_version`` is the ``lock_version`` the page was made from.

    Raises:
        ConflictError: the session is not open, its minutes are signed, or the quorum is not reached.
        ForbiddenError: the actor stood back from the file.
        InvalidError: a mark out of the scale, more votes than members present, a text too long (on its field).
        StaleError: somebody else recorded meanwhile; carries both texts.

    """
    session = item.session
    _check_not_signed(session)
    if session.opened_at is None:
        raise ConflictError("Ouvrez d'abord la séance en notant les présences.", code="seance-fermee")
    if is_true(recused(actor.id), item.application_id):
        raise ForbiddenError("Vous vous êtes déporté de ce dossier.", code="deport")
    _check_unchanged(item, data, seen_version)
    quorum = quorum_of(session, item.application)
    if not quorum.reached:
        raise ConflictError(
            f"Le quorum n'est pas atteint pour ce dossier : {quorum.words}. Rien n'est enregistré.", code="quorum"
        )
    _check_agreement(item, data, quorum.present)
    item.decision_kind_id, item.consensus_mark = data.kind.id, data.consensus_mark
    item.amount_eur, item.rank = data.amount_eur, data.rank
    item.motive, item.reservations = data.motive.strip(), data.reservations.strip()
    item.votes_for, item.votes_against, item.abstentions = data.votes_for, data.votes_against, data.abstentions
    item.present, item.seated = quorum.present, quorum.seated
    item.recorded_at, item.recorded_by_id = now, actor.id
    db.session.flush()
    detail = {"outcome": data.kind.key, "present": quorum.present, "seated": quorum.seated}
    audit.record("jury.record_agreement", item, actor_id=actor.id, now=now, detail=detail)
    return item


def _check_unchanged(item: SessionItem, data: Agreement, seen_version: int | None) -> None:
    if seen_version is None or seen_version == item.lock_version:
        return
    theirs = {
        "Avis": item.kind.label if item.kind else "",
        "Motif": item.motive,
        "Réserves": item.reservations,
    }
    yours = {"Avis": data.kind.label, "Motif": data.motive, "Réserves": data.reservations}
    message = "Une autre personne vient d'enregistrer l'avis sur ce dossier. Relisez avant de recommencer."
    raise StaleError(message, yours=yours, theirs=theirs)


def _check_agreement(item: SessionItem, data: Agreement, present: int) -> None:
    problems = []
    rubric = read_grid(item.application.call_version).rubric
    if data.consensus_mark is not None and not 0 <= Fraction(data.consensus_mark) <= rubric.scale_to:
        problems.append(Problem("consensus_mark", f"La note va de 0 à {french.number(rubric.scale_to)}."))
    if data.consensus_mark is not None and not data.motive.strip():
        problems.append(Problem("motive", "Une note de consensus se motive."))
    votes = [count for count in (data.votes_for, data.votes_against, data.abstentions) if count is not None]
    if any(count < 0 for count in votes) or sum(votes) > present:
        message = f"Les voix dépassent les {french.plural(present, 'membre présent', 'membres présents')}."
        problems.append(Problem("votes_for", message))
    problems += [
        Problem(place, f"Le texte compte {french.number(LONGEST)} caractères au plus.")
        for place, text in (("motive", data.motive), ("reservations", data.reservations))
        if len(text) > LONGEST
    ]
    if problems:
        raise InvalidError("L'avis est à corriger.", tuple(problems), code="avis-invalide")


def close_session(session: JurySession, *, actor: User, now: datetime) -> JurySession:
    """Close the session: presences are settled; opinions may still be mended until the signature.

    Raises:
        ConflictError: not open, already closed.

    """
    if session.opened_at is None or session.closed_at is not None:
        raise ConflictError("La séance n'est pas ouverte.", code="seance-fermee")
    for row in session.presences:
        row.left_at = row.left_at or now
    session.closed_at = now
    db.session.flush()
    audit.record("jury.close_session", session, actor_id=actor.id, now=now)
    return session


def write_minutes(
    session: JurySession, opening: str, closing: str, *, actor: User, now: datetime, seen_version: int | None = None
) -> JurySession:
    """Write what the minutes say before and after the files.

    Raises:
        ConflictError: signed.
        StaleError: somebody else wrote meanwhile; carries both texts.
        InvalidError: a text too long.

    """
    _check_not_signed(session)
    if seen_version is not None and seen_version != session.lock_version:
        raise StaleError(
            "Une autre personne vient de modifier le procès-verbal. Relisez avant de recommencer.",
            yours={"Ouverture": opening, "Clôture": closing},
            theirs={"Ouverture": session.opening_text, "Clôture": session.closing_text},
        )
    problems = tuple(
        Problem(place, f"Le texte compte {french.number(LONGEST)} caractères au plus.")
        for place, text in (("opening_text", opening), ("closing_text", closing))
        if len(text) > LONGEST
    )
    if problems:
        raise InvalidError("Le procès-verbal est à corriger.", problems, code="texte-trop-long")
    session.opening_text, session.closing_text = opening.strip(), closing.strip()
    db.session.flush()
    audit.record("jury.write_minutes", session, actor_id=actor.id, now=now)
    return session


def sign_minutes(
    session: JurySession, minutes: Mapping[str, Any], seal: str, *, actor: User, now: datetime
) -> JurySession:
    """Sign the minutes as they stand: the text is frozen with its seal, the PDF is promised, nothing moves after.

    Raises:
        ConflictError: the session is not closed, a file was not examined, or already signed.

    """
    _check_not_signed(session)
    if session.closed_at is None:
        raise ConflictError("Levez d'abord la séance.", code="seance-ouverte")
    left = sum(1 for item in session.items if item.recorded_at is None)
    if left:
        files = french.plural(left, "dossier n'a pas été examiné", "dossiers n'ont pas été examinés")
        raise ConflictError(f"{files} : le procès-verbal ne peut pas être signé.", code="dossiers-restants")
    call = db.session.get_one(Call, session.call_id)
    session.minutes, session.seal = dict(minutes), seal
    session.signed_at, session.signed_by_id = now, actor.id
    db.session.flush()
    audit.record("jury.sign_minutes", session, actor_id=actor.id, now=now, detail={"seal": seal})
    promise(
        MINUTES,
        {"session_id": str(session.id)},
        key=f"{MINUTES}:{session.id}",
        now=now,
        region_code=call.region_code,
    )
    return session


def _check_not_signed(session: JurySession) -> None:
    if session.signed_at is not None:
        raise ConflictError("Le procès-verbal est signé : la séance ne change plus.", code="proces-verbal-signe")
