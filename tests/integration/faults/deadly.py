"""The application as the faults serve it in processes of their own: its hour is set, and it dies where it is told to.

A file of the folder ``AAP_TEST_DEATHS`` named after a moment orders the next process that reaches it to die there, as
a machine that loses its power does; the file goes with it, so that the process after lives.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from flask import Flask, has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from aap.app import create_app
from aap.clock import FixedClock
from aap.documents.dossier import merge
from aap.extensions import Services
from aap.jobs import dossiers
from aap.jobs.worker import run_worker

HOUR, DEATHS = "AAP_TEST_HOUR", "AAP_TEST_DEATHS"
AFTER_COMMIT, WHILE_MERGING = "after-commit", "while-merging"


def app() -> Flask:
    """Return the application at its hour; ``AFTER_COMMIT`` kills it between a deposit's commit and its answer."""
    made = create_app()
    services: Services = made.extensions["aap"]
    services.clock = FixedClock(datetime.fromisoformat(os.environ[HOUR]))

    def committed(_session: Session) -> None:
        if has_request_context() and request.method == "POST" and request.path.endswith("/verification"):
            _die(AFTER_COMMIT)

    event.listen(Session, "after_commit", committed)
    return made


def work() -> None:
    """Work like ``aap worker``; ``WHILE_MERGING`` kills the worker and its horse with the PDF half written."""

    def half(paper: bytes, annexes: Sequence[tuple[str, Path]], output: Path, told: Callable[[int], None]) -> None:
        output.write_bytes(paper[: len(paper) // 2])
        _die(WHILE_MERGING, os.getppid())
        merge(paper, annexes, output, told)

    setattr(dossiers, merge.__name__, half)
    run_worker(app())


def _die(moment: str, *others: int) -> None:
    order = Path(os.environ[DEATHS]) / moment
    if order.exists():
        order.unlink()
        for process in (*others, os.getpid()):
            os.kill(process, signal.SIGKILL)
