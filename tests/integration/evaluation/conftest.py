"""The example project, at three moments of its evaluation. The project is made once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.integration.evaluation.shelf import opened, undone
from tests.integration.evaluation.story import Story, finish, make_story, write_plan


@pytest.fixture(scope="module")
def shelf(_app: Flask) -> Iterator[Session]:
    """The session of the module."""
    with opened(_app) as session:
        yield session


@pytest.fixture(scope="module")
def beginning(shelf: Session) -> Story:
    """The contracted project, without plan."""
    return make_story(shelf)


@pytest.fixture(scope="module")
def ended(beginning: Story) -> Story:
    """The project followed to the decision, for modules that only read it."""
    return finish(beginning)


@pytest.fixture
def session(shelf: Session, beginning: Story) -> Iterator[Session]:
    """The session of a test, which undoes what it did."""
    assert beginning.project is not None
    with undone(shelf) as session:
        yield session


@pytest.fixture
def story(beginning: Story, session: Session) -> Story:
    """The contracted project, without plan."""
    session.flush()
    return beginning


@pytest.fixture
def followed(story: Story) -> Story:
    """The project with its validated plan."""
    write_plan(story)
    return story


@pytest.fixture
def told(story: Story) -> Story:
    """The project followed to the decision."""
    return finish(story)
