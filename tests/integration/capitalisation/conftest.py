"""The sheet of the example: its project told to the last payment, its people, its text. Made once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.integration.capitalisation.writing import Desk, make_desk
from tests.integration.evaluation.shelf import opened, undone


@pytest.fixture(scope="module")
def shelf(_app: Flask) -> Iterator[Session]:
    """The session of the module."""
    with opened(_app) as session:
        yield session


@pytest.fixture(scope="module")
def furnished(shelf: Session) -> Desk:
    """The settled project and the people of the circuit; no sheet yet."""
    return make_desk(shelf)


@pytest.fixture
def session(shelf: Session, furnished: Desk) -> Iterator[Session]:
    """The session of a test, which undoes what it did."""
    assert furnished.text
    with undone(shelf) as session:
        yield session


@pytest.fixture
def desk(furnished: Desk, session: Session) -> Desk:
    """The settled project and the people of the circuit; no sheet yet."""
    session.flush()
    return furnished
