"""Samples of calls: settled, being marked and open, with their members, sessions and questions."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Scenario, ScenarioLine
from aap.awards.simulation import base_settings, write_settings
from aap.calls.models import Call, CallQuestion, CallVersion, JuryCollege
from aap.jury.models import JuryInvitation, JuryMember, JurySession, RankingSnapshot, SessionItem, SnapshotOccasion
from aap.jury.queries import freeze_ranking_of
from aap.scoring.frozen import canonical, digest_of
from tests.architecture.sample import Sample, about_file, case_of, first_of, missing
from tests.living import NOW


def list_calls(session: Session) -> Iterator[Sample]:
    """Give a call that is settled, one being marked and one that is open."""
    settled = session.get_one(Application, case_of(session).application_id)
    marking = _first_file(session, ApplicationState.INSTRUCTED)
    running = _first_file(session, ApplicationState.DRAFT)
    for label, application in (("settled", settled), ("being marked", marking), ("open", running)):
        call = application.call_version.call
        member = first_of(session, "member_id", JuryMember, JuryMember.call_id == call.id, order=JuryMember.code)
        yield from _sessions(session, call, label, about_file(settled))
        yield Sample(f"frozen ranking, call {label}", {"snapshot_id": _snapshot(session, call)}, **about_file(settled))
        yield Sample(f"scenario, call {label}", _scenario(session, application), **about_file(settled))
        yield Sample(f"question, call {label}", _question(session, application), **about_file(settled))
        invitation = {"invitation_id": _invitation(session, call, label)}
        yield Sample(f"invitation to the jury, call {label}", invitation, frozenset(invitation), **about_file(settled))
        yield Sample(f"call {label}", {"call_id": call.id, "reference": call.ref, **member}, **about_file(settled))


def _sessions(session: Session, call: Call, label: str, about: dict[str, Any]) -> Iterator[Sample]:
    """Plan a session, with the case on its agenda, where the demonstration has none."""
    held = session.scalars(select(JurySession).where(JurySession.call_id == call.id)).first()
    if held is None:
        held = JurySession(call_id=call.id, held_at=NOW + timedelta(days=3), place="Salle 2")
        held.items.append(SessionItem(application_id=_one_of(session, call), position=1))
        session.add(held)
        session.flush()
    yield Sample(f"session, call {label}", {"session_id": held.id}, **about)
    yield Sample(f"session, call {label}", {"item_id": held.items[0].id}, **about)


def _snapshot(session: Session, call: Call) -> uuid.UUID:
    """Freeze the ranking of a call where the demonstration has none."""
    query = select(RankingSnapshot.id).where(RankingSnapshot.call_id == call.id).order_by(RankingSnapshot.number)
    known = session.scalars(query).first()
    if known is not None:
        return known
    content = canonical(freeze_ranking_of(call.id))
    row = RankingSnapshot(
        call_id=call.id,
        number=1,
        occasion=SnapshotOccasion.OPENING,
        name="Ouverture de la séance",
        content=content.decode(),
        sha256=digest_of(content),
        frozen_at=NOW,
    )
    session.add(row)
    session.flush()
    return row.id


def _invitation(session: Session, call: Call, label: str) -> uuid.UUID:
    """Invite somebody without an account to the jury of a call."""
    college = session.scalars(
        select(JuryCollege).where(JuryCollege.version_id == call.versions[-1].id).order_by(JuryCollege.position)
    ).first() or missing("college")
    row = JuryInvitation(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"sample:jury:{label}"),
        call_id=call.id,
        email="invitee@demo.invalid",
        college_id=college.id,
        token_hash=hashlib.sha256(f"jury:{label}".encode()).hexdigest(),
        created_at=NOW,
        created_by_id=session.scalars(select(User.id).where(User.email == "instruction@demo.invalid")).one(),
        expires_at=NOW + timedelta(days=14),
    )
    session.add(row)
    session.flush()
    return row.id


def _one_of(session: Session, call: Call) -> uuid.UUID:
    """Return a file of a call: the case when it is the case's."""
    query = select(Application.id).join(CallVersion, CallVersion.id == Application.call_version_id)
    order = (Application.reference.is_(None), Application.reference, Application.created_at)
    of_call = query.where(CallVersion.call_id == call.id).order_by(*order)
    return session.scalars(of_call.limit(1)).one()


def _first_file(session: Session, state: ApplicationState) -> Application:
    return session.scalars(
        select(Application).where(Application.state == state).order_by(Application.created_at, Application.title)
    ).first() or (missing(state.value))


def _scenario(session: Session, application: Application) -> dict[str, Any]:
    """Keep a scenario of the call of a file, drafted by nobody in particular."""
    call = application.call_version.call
    row = Scenario(
        call_id=call.id,
        name="Enveloppe réduite",
        settings=write_settings(base_settings(application.call_version)),
        ranking_seal="0" * 64,
        author_id=application.lead_id,
        created_at=NOW - timedelta(days=2),
        updated_at=NOW - timedelta(days=2),
        lines=[
            ScenarioLine(
                application_id=application.id,
                position=1,
                rank=1,
                asked_eur=application.requested_eur,
                granted_eur=application.requested_eur,
            )
        ]
        if application.reference  # a draft is in no ranking
        else [],
    )
    session.add(row)
    session.flush()
    return {"scenario_id": row.id}


def _question(session: Session, application: Application) -> dict[str, Any]:
    """Put a question without an answer on the call of a file, asked by its lead."""
    row = CallQuestion(
        call_id=application.call_version.call_id,
        asker_id=application.lead_id,
        text="La location d'un matériel est-elle admise ?",
        asked_at=NOW - timedelta(days=2),
        idempotency_key="matrix",
    )
    session.add(row)
    session.flush()
    return {"question_id": row.id}
