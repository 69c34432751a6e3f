"""Columns that a state must carry, set together with the change of state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aap.db import Base, db
from aap.errors import AapError


@contextmanager
def stamped(thing: Base, **columns: object) -> Iterator[None]:
    """Set columns that the database ties to the next state, and take them back if the life cycle refuses.

    Nothing is flushed on the way to the change of state: half of it would break the tie.
    """
    before = {name: getattr(thing, name) for name in columns}
    with db.session.no_autoflush:
        for name, value in columns.items():
            setattr(thing, name, value)
        try:
            yield
        except AapError:
            for name, value in before.items():
                setattr(thing, name, value)
            raise
