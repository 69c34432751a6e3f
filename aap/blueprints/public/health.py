"""What an operator's probe asks: is it alive, is it ready."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from aap.blueprints.access import public
from aap.health import check_readiness

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Say whether the database, the queue and the storage answer; 503 with what is wrong."""
    faults = check_readiness()
    if faults:
        return {"status": "unavailable", "faults": faults}, 503
    return {"status": "ok"}
