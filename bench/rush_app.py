"""The application as gunicorn serves it during the rush: everything is real but the date, moved to the closing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from aap.app import create_app
from aap.extensions import Services

SHIFT = "AAP_BENCH_SHIFT"


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The server's clock, moved by the seconds that a file holds: the closing is set once everything is up."""

    path: Path

    def now(self) -> datetime:
        """Return the moved instant."""
        return datetime.now(UTC) + timedelta(seconds=float(self.path.read_text(encoding="ascii")))


def app() -> Flask:
    """Make the application with its clock moved by what the file of ``AAP_BENCH_SHIFT`` says."""
    made = create_app()
    services: Services = made.extensions["aap"]
    services.clock = ShiftedClock(Path(os.environ[SHIFT]))
    return made
