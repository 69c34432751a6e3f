"""Whether what the service depends on answers."""

from __future__ import annotations

from collections.abc import Callable

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from aap.db import db
from aap.errors import UnavailableError
from aap.extensions import services


def check_readiness() -> dict[str, str]:
    """Return what does not answer, by name; nothing when all is well. No secret is in the words."""
    checks: dict[str, Callable[[], object]] = {
        "database": lambda: db.session.execute(text("SELECT 1")),
        "queue": services().redis.ping,
        "storage": services().storage.check,
    }
    faults: dict[str, str] = {}
    for name, check in checks.items():
        try:
            check()
        except (SQLAlchemyError, RedisError, UnavailableError, OSError) as error:
            faults[name] = type(error).__name__
    return faults
