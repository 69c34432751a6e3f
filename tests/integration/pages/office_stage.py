"""A stage of the case built once for the tests of a module that ask for it; each test undoes what it did.

A test module asks with ``pytestmark`` or per test: ``@pytest.mark.parametrize("stage", ["scored"], indirect=True)``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Connection, Engine, event
from werkzeug.test import TestResponse

from aap.clock import FixedClock
from aap.db import db
from aap.extensions import Services, storage
from tests.client import StrictClient
from tests.integration.pages.office_case import play


@dataclass(frozen=True, slots=True)
class Stage:
    """A played scene as a browser knows it: identifiers and sign-in tokens, on a connection that forgets."""

    app: Flask
    connection: Connection
    call: uuid.UUID
    files: tuple[uuid.UUID, ...]
    project: uuid.UUID | None
    tokens: Mapping[str, str]

    @property
    def case(self) -> uuid.UUID:
        """The application of the example."""
        return self.files[0]

    def address(self, text: str) -> str:
        """Fill in an address: ``{call}``, ``{case}``, ``{other}`` (another file) and ``{project}``."""
        other = self.files[1] if len(self.files) > 1 else ""
        return text.format(call=self.call, case=self.case, other=other, project=self.project)


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody in front of the pages, at an hour."""

    client: StrictClient
    stage: Stage
    clock: FixedClock

    def sign_in(self, name: str) -> None:
        """Become one of the people of the scene."""
        self.client.sign_in(uuid.uuid4(), token=self.stage.tokens[name])

    def page(self, address: str, status: int = 200) -> BeautifulSoup:
        """Open a page."""
        return self.client.page(self.stage.address(address), status)

    def text(self, address: str, status: int = 200) -> str:
        """Return the words of a page, spaces made plain."""
        return words(self.page(address, status))

    def send(self, address: str, **data: Any) -> TestResponse:
        """Send a form as a browser would, token included; two underscores stand for a dash."""
        field = self.client.page("/compte").select_one('input[name="csrf_token"]')
        assert field is not None
        sent = {name.replace("__", "-"): value for name, value in data.items()}
        return self.client.post(self.stage.address(address), data={"csrf_token": field["value"], **sent})

    def refused(self, address: str, **data: Any) -> BeautifulSoup:
        """Send a form that is refused at its fields, and return the page."""
        answer = self.send(address, **data)
        assert answer.status_code == 400, answer.status_code
        return BeautifulSoup(answer.get_data(as_text=True), "html5lib")

    def accepted(self, address: str, **data: Any) -> str:
        """Send a form that is accepted, and return where it leads."""
        answer = self.send(address, **data)
        assert answer.status_code == 303, words(BeautifulSoup(answer.get_data(as_text=True), "html5lib"))
        return str(answer.location)

    def queries(self, address: str) -> int:
        """Count the queries of a page."""
        seen: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            self.page(address)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)


def words(page: BeautifulSoup) -> str:
    """Return the words of the main part of a page, spaces made plain."""
    text = page.main.get_text(" ", strip=True) if page.main else ""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, _app: Flask) -> Iterator[Stage]:
    """The case as far as the parameter says, with as many other files as follow its colon."""
    upto, _, others = str(request.param).partition(":")
    with _app.app_context():
        engines = cast("dict[str | None, Engine | Connection]", db.engines)
    engine = engines[None]
    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        try:
            with _app.app_context():
                scene = play(db.session(), storage(), upto, int(others or 0))
                tokens = {name: person.fs_uniquifier for name, person in scene.people.items()}
                files = tuple(file.id for file in scene.files)
                project = scene.project.id if scene.project else None
                built = Stage(_app, connection, scene.call.id, files, project, tokens)
                db.session.remove()
            yield built
        finally:
            engines[None] = engine
            transaction.rollback()


@pytest.fixture
def browser(stage: Stage, clock: FixedClock) -> Iterator[Browser]:
    """A browser on the stage; what the test does is undone."""
    services: Services = stage.app.extensions["aap"]
    services.clock = clock
    stage.app.test_client_class = StrictClient
    client = stage.app.test_client()
    assert isinstance(client, StrictClient)
    undone = stage.connection.begin_nested()
    try:
        yield Browser(client, stage, clock)
    finally:
        undone.rollback()
