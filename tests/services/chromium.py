"""Where the machine's own Chromium is: the tests download no browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# No traffic of its own, and no sandbox, which root may not have.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium on this machine: install it (apt install chromium) or name it in CHROMIUM"


def find_chromium() -> str | None:
    """Return the browser's path: ``CHROMIUM``, else the first known name in PATH, else a known place."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in PLACES if Path(place).exists()), None)


def is_required() -> bool:
    """Tell whether a missing browser is a failure: in continuous integration nothing is skipped."""
    return os.environ.get("CI", "").lower() in {"1", "true"}
