"""What the jury agrees on, file by file, and the minutes that tell it: mended until they are signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aap import audit, french
from aap.accounts.models import User
from aap.calls.models import Call, DecisionKind
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem, StaleError
from aap.jury.blindness import is_true, recused
from aap.jury.checks import check_not_signed
from aap.jury.grid import read_grid
from aap.jury.models import JurySession, SessionItem
from aap.jury.queries.quorum import quorum_of
from aap.jury.queries.session import on_agenda
from aap.jury.service.holding import hold
from aap.outbox import promise

MINUTES = "jury-minutes"
LONGEST = 5000


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
    departure: str = ""


def record_agreement(
    item: SessionItem, data: Agreement, *, actor: User, now: datetime, seen_version: int | None = None
) -> SessionItem:
    """Record what the jury agrees on a file, quorum counted without those who stood back from it.

    ``seen_version`` is the ``lock_version`` the page was made from. The same agreement sent twice is recorded once.

    Raises:
        ConflictError: the session is not open, its minutes are signed, or the quorum is not reached.
        ForbiddenError: the actor stood back from the file.
        InvalidError: a mark out of the scale, more votes than members present, a text too long (on its field).
        StaleError: somebody else recorded meanwhile; carries both texts.

    """
    session = hold(item.session)
    check_not_signed(session)
    if session.opened_at is None:
        raise ConflictError("Ouvrez d'abord la séance en notant les présences.", code="seance-fermee")
    if is_true(recused(actor.id), item.application_id):
        raise ForbiddenError("Vous vous êtes déporté de ce dossier.", code="deport")
    if item.recorded_at is not None and _words(item) == _words(data):
        return item
    _check_unchanged(item, data, seen_version)
    quorum = quorum_of(session, item.application)
    if not quorum.reached:
        raise ConflictError(
            f"Le quorum n'est pas atteint pour ce dossier : {quorum.words}. Rien n'est enregistré.", code="quorum"
        )
    _check_agreement(item, data, quorum.present)
    item.kind, item.consensus_mark = data.kind, data.consensus_mark
    item.amount_eur, item.rank = data.amount_eur, data.rank
    item.motive, item.reservations = data.motive.strip(), data.reservations.strip()
    item.departure = data.departure.strip() or None
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
    message = "Une autre personne vient d'enregistrer l'avis sur ce dossier. Relisez avant de recommencer."
    raise StaleError(message, yours=_words(data), theirs=_words(item))


def _words(data: Agreement | SessionItem) -> str:
    """Say all of an agreement, to be compared with another by a person."""
    votes = (("Pour", data.votes_for), ("Contre", data.votes_against), ("Abstentions", data.abstentions))
    told = [
        ("Avis", data.kind.label if data.kind else "à examiner"),
        ("Montant", None if data.amount_eur is None else french.euros(data.amount_eur)),
        ("Note de consensus", None if data.consensus_mark is None else french.number(data.consensus_mark)),
        ("Motif", data.motive.strip()),
        ("Réserves", data.reservations.strip()),
        ("Écart avec le scénario", (data.departure or "").strip()),
        ("Rang", data.rank),
        *votes,
    ]
    return "\n".join(f"{label} : {value}" for label, value in told if value not in (None, ""))


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
        for place, text in (
            ("motive", data.motive),
            ("reservations", data.reservations),
            ("departure", data.departure),
        )
        if len(text) > LONGEST
    ]
    if problems:
        raise InvalidError("L'avis est à corriger.", tuple(problems), code="avis-invalide")


def write_minutes(
    session: JurySession, opening: str, closing: str, *, actor: User, now: datetime, seen_version: int | None = None
) -> JurySession:
    """Write what the minutes say before and after the files.

    Raises:
        StaleError: somebody else wrote, or signed, meanwhile; carries both texts.
        InvalidError: a text too long.

    """
    written = (hold(session).opening_text, session.closing_text)
    if written == (opening.strip(), closing.strip()):
        return session
    moved = seen_version is not None and seen_version != session.lock_version
    if moved or session.signed_at is not None:
        message = "Une autre personne vient de modifier le procès-verbal. Relisez avant de recommencer."
        if session.signed_at is not None:
            message = "Le procès-verbal est signé : il ne change plus."
        raise StaleError(message, yours=_around(opening, closing), theirs=_around(*written))
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


def _around(opening: str, closing: str) -> str:
    return f"Avant les dossiers : {opening.strip() or '–'}\nAprès les dossiers : {closing.strip() or '–'}"


def sign_minutes(
    session: JurySession, minutes: Mapping[str, Any], seal: str, *, actor: User, now: datetime
) -> JurySession:
    """Sign the minutes as they stand: the text is frozen with its seal, the PDF is promised, nothing moves after.

    Raises:
        ConflictError: the session is not closed, a file was not examined, or already signed.

    """
    check_not_signed(hold(session))
    if session.closed_at is None:
        raise ConflictError("Levez d'abord la séance.", code="seance-ouverte")
    left = sum(1 for item in on_agenda(session) if item.recorded_at is None)
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
