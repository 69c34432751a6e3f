"""The sheet of the example: its project told to the last payment, its people, its text."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.integration.capitalisation.writing import Desk, make_desk


@pytest.fixture
def desk(session: Session) -> Desk:
    """The settled project and the people of the circuit; no sheet yet."""
    return make_desk(session)
