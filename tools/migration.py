"""Write the revision that brings the tables to the models: ``python -m tools.migration "message"``.

Runs on a throw-away SQLite database brought to the current head, so that nothing installed is needed.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path

from flask_migrate import revision, upgrade

from aap.app import create_app
from aap.assembly.base import ROOT
from aap.config import load_settings


def main(message: str) -> int:
    """Write one revision, numbered after the last one; return an exit code."""
    if not message.strip():
        print('Dites ce qui change : make migration MESSAGE="add the marks"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "AAP_ENV": "test",
            "AAP_SECRET_KEY": secrets.token_hex(32),
            "AAP_DATA": folder,
            "REDIS_URL": "unix:///nowhere",
        }
        with create_app(load_settings(environ)).app_context():
            upgrade()
            number = len(list(Path(ROOT / "migrations" / "versions").glob("*.py"))) + 1
            revision(message=message, autogenerate=True, rev_id=f"{number:04d}")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
