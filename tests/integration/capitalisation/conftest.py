"""The sheet of the example: its project told to the last payment, its people, its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.integration.capitalisation.writing import Desk, make_desk


@pytest.fixture
def desk(session: Session) -> Desk:
    """The settled project and the people of the circuit; no sheet yet."""
    return make_desk(session)


@pytest.fixture
def count_queries(session: Session) -> Iterator[Callable[[], int]]:
    """Count the statements run since the fixture was asked, or since the last count."""
    statements: list[str] = []
    connection = session.connection()

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    def count() -> int:
        number = len(statements)
        statements.clear()
        return number

    event.listen(connection, "before_cursor_execute", note)
    yield count
    event.remove(connection, "before_cursor_execute", note)
