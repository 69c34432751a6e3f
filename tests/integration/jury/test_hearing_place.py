"""Whoever is to be heard is told when the room changes, and comes to the right one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.jury.models import JuryMember, JurySession
from aap.jury.service import move_session, schedule_hearing
from aap.outbox import Promise
from tests.integration.jury.scene import SCORING_END, SESSION, People
from tests.integration.jury.test_session import held, item_of, members, other

__all__ = ["held", "members", "other"]


def test_a_lead_to_be_heard_is_told_of_a_new_room(
    session: Session, held: JurySession, case: Application, members: list[JuryMember], people: People
) -> None:
    assert members

    def rooms() -> list[str]:
        rows = session.scalars(
            select(Promise).where(Promise.key.contains("jury-hearing:")).order_by(Promise.created_at)
        )
        return sorted(row.payload["context"]["place"] for row in rows)

    schedule_hearing(item_of(held, case), SESSION, 20, actor=people.officer, now=SCORING_END)
    assert rooms() == ["Salle 2"]
    later = SESSION + timedelta(minutes=30)
    move_session(held, held_at=later, place="Salle 2", actor=people.officer, now=SCORING_END)
    assert rooms() == ["Salle 2"]
    move_session(held, held_at=later, place="Salle 9", actor=people.officer, now=SCORING_END)
    assert rooms() == ["Salle 2", "Salle 9"]
    move_session(held, held_at=later, place="Salle 2", actor=people.officer, now=SCORING_END)
    assert rooms() == ["Salle 2", "Salle 2", "Salle 9"]
