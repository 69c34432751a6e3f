"""A jury meets: eight members are there, one file is heard, what was agreed is recorded; the minutes are not signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aap.applications.models import Application
from aap.awards.service import agree
from aap.calls.models import Call, DecisionEffect
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.living.awarding import WAITING_RANK, granted, kind_of
from aap.demonstration.living.dossiers import Dossier, themes
from aap.demonstration.stage import at
from aap.jury.queries import list_seats
from aap.jury.service import Agreement, plan_session, record_presence, schedule_hearing

THERE = 8
PLACE = "Salle Simone-Veil, et visioconférence"


def hold(
    clock: FixedClock, people: People, call: Call, files: Sequence[tuple[Application, Dossier]], moment: datetime
) -> None:
    """Plan the session a week before, hold it at ``moment``; files without an outcome wait for another day."""
    with at(clock, moment - timedelta(days=7)) as now:
        session = plan_session(call, held_at=moment, place=PLACE, actor=people.officer, now=now)
        first = session.items[0]
        schedule_hearing(first, moment + timedelta(minutes=15), 20, actor=people.officer, now=now)
    with at(clock, moment) as now:
        present = [seat.member_id for seat in list_seats(session)][:THERE]
        record_presence(session, present, actor=people.officer, now=now)
    items = {item.application_id: item for item in session.items}
    for number, (application, dossier) in enumerate(files):
        item = items.get(application.id)
        if item is None or not dossier.outcome:
            continue
        kind = kind_of(application, dossier.outcome)
        with at(clock, moment + timedelta(minutes=20 + 10 * number)) as now:
            said = Agreement(
                kind,
                amount_eur=granted(application, kind),
                rank=WAITING_RANK if kind.effect is DecisionEffect.WAIT else None,
                motive=themes()["motives"][dossier.outcome],
            )
            agree(item, said, actor=people.officer, now=now)
