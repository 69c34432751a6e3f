"""Fixtures of the tests about the whole: the people of every role before samples of every thing."""

from __future__ import annotations

import pytest

from tests.architecture.world import World, build_world
from tests.living import Living


@pytest.fixture
def world(living: Living) -> World:
    """The people and the samples."""
    return build_world(living.app)
