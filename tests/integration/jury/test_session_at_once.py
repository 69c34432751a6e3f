"""Two officers run the same session on a real server: what one does while the other's request is already under way."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, true

from aap.accounts.models import User
from aap.app import create_app
from aap.awards.models import JuryOpinion
from aap.awards.service import agree, sign
from aap.calls.models import Call, CallRole
from aap.calls.service import add_team_member, import_call
from aap.db import db, unit_of_work
from aap.errors import AapError, ConflictError, StaleError
from aap.jury.models import JuryMember, JurySession
from aap.jury.queries import draft_minutes
from aap.jury.service import (
    Agreement,
    Profile,
    call_in,
    close_scoring,
    close_session,
    describe_member,
    place_item,
    plan_session,
    record_presence,
    schedule_hearing,
    write_minutes,
)
from aap.outbox import Promise
from tests.conftest import make_settings
from tests.integration.jury.scene import NAMED, PUBLISHED, SCORING_END, SESSION, even, make_file, make_user, mark, seat

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
LATER = SESSION + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Table:
    """A session that two officers run, each on a connection of their own."""

    app: Flask
    session_id: uuid.UUID
    officers: tuple[uuid.UUID, uuid.UUID]
    members: tuple[uuid.UUID, ...]

    @contextmanager
    def sit(self, number: int) -> Iterator[tuple[JurySession, User]]:
        """Load the session and its agenda as a page does, then act in the same transaction."""
        with self.app.app_context():
            session = db.session.get_one(JurySession, self.session_id)
            assert [item.lock_version for item in session.items]
            assert session.presences is not None
            yield session, db.session.get_one(User, self.officers[number])
            db.session.remove()

    def meanwhile(self, act: Callable[[JurySession, User], object]) -> None:
        """Let the second officer act and commit, on another connection."""
        failed: list[BaseException] = []

        def run() -> None:
            try:
                with self.sit(1) as (session, officer), unit_of_work():
                    act(session, officer)
            except AapError as error:  # pragma: no cover - a failure of the test itself
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        assert failed == []


@pytest.fixture
def table(stocked: Callable[[str], str], valkey: str, folder: Path) -> Iterator[Table]:
    """A session planned on two files, on a database of its own, where transactions really commit."""
    app = create_app(make_settings(stocked("postgresql"), valkey, folder))
    with app.app_context():
        with unit_of_work() as session:
            content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
            call = import_call(content, None, PUBLISHED, publish=True).call
            officers = [make_user(session, name) for name in ("officer", "second")]
            for officer in officers:
                add_team_member(call, officer, CallRole.OFFICER, None, PUBLISHED)
            lead = make_user(session, "lead")
            found = [make_file(session, call.versions[-1], lead, number) for number in (1, 2)]
            members = [seat(session, call, f"J{number}", 0, officers[0]) for number in (1, 2, 3)]
            for member in members:
                for file in found:
                    mark(member, file, even(4), officers[0])
            close_scoring(call, now=SCORING_END + timedelta(minutes=1))
            held = plan_session(call, held_at=SESSION, place="Salle 2", actor=officers[0], now=SCORING_END)
            ids = held.id, (officers[0].id, officers[1].id), tuple(member.id for member in members)
        db.session.remove()
    yield Table(app, *ids)
    with app.app_context():
        db.engine.dispose()


def favorable(session: JurySession, motive: str) -> Agreement:
    kinds = session.items[0].application.call_version.decision_kinds
    kind = next(one for one in kinds if one.key == "favorable")
    return Agreement(kind=kind, amount_eur=Decimal(100000), motive=motive)


def open_session(table: Table) -> None:
    table.meanwhile(lambda held, who: record_presence(held, table.members, actor=who, now=SESSION))


def agree_on_all(held: JurySession, who: User) -> None:
    for item in held.items:
        agree(item, favorable(held, "Solide."), actor=who, now=LATER)


def sign_all(held: JurySession, who: User) -> None:
    sign(held, draft_minutes(held, seen=true()), actor=who, now=LATER)


def test_the_second_agreement_keeps_both_texts(table: Table) -> None:
    open_session(table)
    with table.sit(0) as (held, who):
        item, seen = held.items[0], held.items[0].lock_version
        table.meanwhile(lambda held, who: agree(held.items[0], favorable(held, "Solide."), actor=who, now=LATER))
        with pytest.raises(StaleError) as caught, unit_of_work():
            agree(item, favorable(held, "Fragile."), actor=who, now=LATER, seen_version=seen)
        assert "Motif : Fragile." in str(caught.value.yours)
        assert "Motif : Solide." in str(caught.value.theirs)
        assert item.motive == "Solide."


def test_presences_of_two_officers_are_joined(table: Table) -> None:
    first, second, third = table.members
    with table.sit(0) as (held, who):
        table.meanwhile(lambda held, who: record_presence(held, [first, second], actor=who, now=SESSION, seen=[]))
        with unit_of_work():
            assert record_presence(held, [second, third], actor=who, now=LATER, seen=[]) == 3
        hours = {row.jury_member_id: (row.arrived_at, row.left_at) for row in held.presences}
        assert hours == {first: (SESSION, None), second: (SESSION, None), third: (LATER, None)}
        assert held.opened_at == SESSION


def test_nobody_arrives_once_the_session_is_closed(table: Table) -> None:
    open_session(table)
    with table.sit(0) as (held, who):
        table.meanwhile(lambda held, who: close_session(held, actor=who, now=LATER))
        with pytest.raises(ConflictError, match="séance est levée"), unit_of_work():
            record_presence(held, [], actor=who, now=LATER)
        with unit_of_work():
            close_session(held, actor=who, now=LATER + timedelta(minutes=1))
        assert held.closed_at == LATER


def test_the_minutes_are_signed_once(table: Table) -> None:
    open_session(table)
    table.meanwhile(agree_on_all)
    table.meanwhile(lambda held, who: close_session(held, actor=who, now=LATER))
    with table.sit(0) as (held, who):
        told = draft_minutes(held, seen=true())
        table.meanwhile(sign_all)
        with pytest.raises(ConflictError, match="est signé"), unit_of_work():
            sign(held, told, actor=who, now=LATER)
        assert held.signed_by_id == table.officers[1]
        assert db.session.scalar(select(func.count()).select_from(JuryOpinion)) == 2
        assert db.session.scalar(select(func.count()).where(Promise.kind == "jury-minutes")) == 1


def change_opinion(held: JurySession, who: User) -> None:
    agree(held.items[0], favorable(held, "Fragile."), actor=who, now=LATER, seen_version=held.items[0].lock_version)


def change_text(held: JurySession, who: User) -> None:
    write_minutes(held, "Autre texte.", "", actor=who, now=LATER, seen_version=held.lock_version)


def change_order(held: JurySession, who: User) -> None:
    place_item(held.items[1], 1, actor=who, now=LATER)


def change_hearing(held: JurySession, who: User) -> None:
    schedule_hearing(held.items[0], SESSION, 20, actor=who, now=LATER)


@pytest.mark.parametrize("change", [change_opinion, change_text, change_order, change_hearing])
def test_nothing_moves_under_a_signature(table: Table, change: Callable[[JurySession, User], None]) -> None:
    open_session(table)
    table.meanwhile(agree_on_all)
    table.meanwhile(lambda held, who: close_session(held, actor=who, now=LATER))
    with table.sit(0) as (held, who):
        order = [item.id for item in held.items]
        table.meanwhile(sign_all)
        with pytest.raises(ConflictError, match="est signé"), unit_of_work():
            change(held, who)
        assert [item.id for item in held.items] == order
        assert [row["motive"] for row in (held.minutes or {})["files"]] == [item.motive for item in held.items]
        assert held.opening_text == ""


def test_a_hearing_arranged_meanwhile_is_not_replaced_unseen(table: Table) -> None:
    with table.sit(0) as (held, who):
        item, seen = held.items[0], held.items[0].lock_version
        table.meanwhile(lambda held, who: schedule_hearing(held.items[0], SESSION, 20, actor=who, now=SCORING_END))
        with pytest.raises(StaleError) as caught, unit_of_work():
            schedule_hearing(item, LATER, 30, actor=who, now=SCORING_END, seen_version=seen)
        told = [" ".join(str(text).split()) for text in (caught.value.theirs, caught.value.yours)]
        assert told == ["jeudi 18 janvier 2024 à 10 h, 20 minutes", "jeudi 18 janvier 2024 à 11 h, 30 minutes"]
        with unit_of_work():
            schedule_hearing(item, SESSION, 20, actor=who, now=SCORING_END, seen_version=seen)
        mails = select(func.count()).where(Promise.key.contains(f"jury-hearing:{item.id}"))
        assert db.session.scalar(mails) == 1


def test_two_officers_call_one_substitute_in_for_one_seat(table: Table) -> None:
    with table.app.app_context(), unit_of_work() as session:
        held = session.get_one(JurySession, table.session_id)
        call, officer = session.get_one(Call, held.call_id), session.get_one(User, table.officers[0])
        waiting = []
        for number in (4, 5):
            member = seat(session, call, f"J{number}", 0, officer)
            describe_member(member, Profile(substitute=True), actor=officer, now=NAMED)
            waiting.append(member.id)
    absent = table.members[0]

    def call_one(number: int, who: User) -> None:
        substitute, replaced = (db.session.get_one(JuryMember, one) for one in (waiting[number], absent))
        call_in(substitute, replaced, actor=who, now=LATER)

    with table.sit(0) as (_held, who):
        assert [db.session.get_one(JuryMember, one).substitute for one in waiting] == [True, True]
        table.meanwhile(lambda _held, who: call_one(0, who))
        with pytest.raises(ConflictError, match="siège déjà"), unit_of_work():
            call_one(1, who)
        with pytest.raises(ConflictError, match="suppléant en attente"), unit_of_work():
            call_one(0, who)
