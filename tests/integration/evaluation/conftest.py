"""The example project, at three moments of its evaluation."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.integration.evaluation.story import Story, make_story, tell_story, write_plan


@pytest.fixture
def story(session: Session) -> Story:
    """The contracted project, without plan."""
    return make_story(session)


@pytest.fixture
def followed(story: Story) -> Story:
    """The project with its validated plan."""
    write_plan(story)
    return story


@pytest.fixture
def told(session: Session) -> Story:
    """The project followed to the decision."""
    return tell_story(session)
