"""The statement of the ranking board is kept from one reader to the next: each still reads only what is theirs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import Call
from aap.jury.grid import known_board_terms
from aap.jury.models import Standing
from aap.jury.queries import BoardFilters, get_board
from aap.jury.service import close_scoring, recuse, refresh_standings
from aap.policies.marks import OTHERS_MARKS, mark_reader
from tests.integration.jury.scene import NAMED, SCORING_END, SESSION, People, even, make_file, mark, seat

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("source", ["stored results", "marks"])
def test_each_reader_of_the_board_reads_their_own_files(
    session: Session, call: Call, case: Application, people: People, source: str
) -> None:
    other = make_file(session, call.versions[-1], people.lead, 2)
    keen = seat(session, call, "J1", 0, people.officer)
    linked = seat(session, call, "J2", 2, people.officer)
    for file in (case, other):
        mark(keen, file, even(3), people.officer)
    recuse(linked, other, reason="Lien", actor=linked.user, now=NAMED)
    close_scoring(call, now=SCORING_END)
    refresh_standings(call, SESSION)
    if source == "marks":
        session.execute(delete(Standing))

    def read(person: User) -> set[str]:
        rules = known_board_terms(call.versions[-1]).rules
        envelope = Decimal(1000000)
        seen, reader = OTHERS_MARKS, mark_reader(person)
        board = get_board(call.id, BoardFilters(), seen=seen, reader=reader, rules=rules, envelope_eur=envelope)
        return {row.reference for row in board.rows}

    everything = {case.reference, other.reference}
    assert [read(person) for person in (keen.user, linked.user, keen.user, people.lead)] == [
        everything,
        {case.reference},
        everything,
        set(),
    ]
