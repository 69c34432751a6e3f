"""The example project told to its published sheet, and a second one under way, standing for a whole module of tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.clock import FixedClock
from aap.db import db
from aap.evaluation.queries.reading import list_indicators, list_milestones, list_reports
from aap.extensions import Services
from tests.client import StrictClient
from tests.integration.capitalisation.writing import Desk, draft, make_desk, publish
from tests.integration.evaluation.story import make_application, make_project, report_until, write_plan


@dataclass(frozen=True, slots=True)
class Place:
    """A project by its addresses."""

    id: uuid.UUID
    reports: dict[str, uuid.UUID]
    indicators: dict[str, uuid.UUID]
    milestones: dict[str, uuid.UUID]

    @property
    def mine(self) -> str:
        """The lead's board."""
        return f"/projets/{self.id}"

    @property
    def office(self) -> str:
        """The agency's file."""
        return f"/agence/projets/{self.id}"


@dataclass(frozen=True, slots=True)
class World:
    """People (the token of their session), the finished project with its sheet, the one under way with its draft."""

    people: dict[str, str]
    ended: Place
    running: Place
    sheet_id: uuid.UUID
    slug: str
    draft_id: uuid.UUID


def make_world(session: Session) -> World:
    """Tell the example to its published sheet; follow a second project to its first report; draft its sheet."""
    desk = make_desk(session)
    sheet, _ = publish(desk)
    story = desk.story
    version = story.project.call_version
    application = make_application(session, version, story.lead, number=18, department="78")
    other = replace(story, project=make_project(session, version, application, number=5))
    write_plan(other)
    report_until(other, "M6")
    started = draft(replace(desk, story=other))
    return World(
        people={name: person.fs_uniquifier for name, person in _people(desk).items()},
        ended=_place(story.project.id),
        running=_place(other.project.id),
        sheet_id=sheet.id,
        slug=sheet.slug,
        draft_id=started.id,
    )


def _people(desk: Desk) -> dict[str, User]:
    story = desk.story
    return {
        "lead": story.lead,
        "officer": story.officer,
        "director": story.director,
        "dd": story.dd,
        "finance": story.finance,
        "stranger": story.stranger,
        "writer": desk.writer,
        "reviewer": desk.reviewer,
        "editor": desk.editor,
    }


def _place(project_id: uuid.UUID) -> Place:
    return Place(
        id=project_id,
        reports={row.key: row.id for row in list_reports(project_id)},
        indicators={row.code: row.id for row in list_indicators(project_id)},
        milestones={row.key: row.id for row in list_milestones(project_id)},
    )


@contextmanager
def standing(app: Flask) -> Iterator[tuple[Connection, World]]:
    """Build the world once on a connection that forgets everything at the end. No context stays open."""
    with app.app_context():
        engines = cast("dict[str | None, Engine | Connection]", db.engines)
        engine = engines[None]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection  # Flask-SQLAlchemy binds sessions to what it finds here
        try:
            with app.app_context():
                world = make_world(db.session())
                db.session.commit()
                db.session.remove()
            yield connection, world
        finally:
            engines[None] = engine
            transaction.rollback()


@contextmanager
def visited(app: Flask, connection: Connection, clock: FixedClock) -> Iterator[Flask]:
    """Open the application on the world, and undo what the test does to it."""
    services: Services = app.extensions["aap"]
    services.clock = clock
    savepoint = connection.begin_nested()
    try:
        yield app
    finally:
        savepoint.rollback()


def enter(client: StrictClient, world: World, person: str) -> None:
    """Sign a person of the world in."""
    client.sign_in(uuid.uuid4(), token=world.people[person])


def one(page: BeautifulSoup, selector: str) -> Tag:
    """Return the one thing that a selector finds."""
    found = page.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


def cells(page: BeautifulSoup, caption: str) -> dict[str, list[str]]:
    """Return the rows of a table: the words of each cell by the words of the row's header."""
    title = page.find("caption", string=caption)
    assert title is not None, caption
    table = title.find_parent("table")
    assert table is not None
    return {_said(row.select("th")[0]): [_said(cell) for cell in row.select("td")] for row in table.select("tbody tr")}


def _said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").replace("\u202f", " ").replace("\u00a0", " ").split())


def words(page: BeautifulSoup) -> str:
    """Return the words of a page, spaces joined."""
    return _said(one(page, "main"))


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """Give the list of the statements run in the block."""
    statements: list[str] = []

    def note(*args: object) -> None:
        if "SAVEPOINT" not in str(args[2]):
            statements.append(str(args[2]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", note)
