"""The temporary folder of a job: gone with the job, and swept away when its worker was killed before it could tidy up.

A folder is held by a lock that the system releases when its process dies, whatever killed it: what nobody holds is
stale, on this machine or in a neighbouring container that shares its temporary folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "aap-work-"
HELD = "held"
YOUNG_SECONDS = 86_400  # a folder without its lock: its process died, or is about to take it

logger = logging.getLogger(__name__)


@contextmanager
def workbench() -> Iterator[Path]:
    """Give a folder of its own to a job, erased at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / f"{HELD}.new").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (folder / f"{HELD}.new").rename(folder / HELD)  # nobody sees this name without its lock
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_stale() -> int:
    """Erase the folders of our own jobs that nobody holds any more; return how many."""
    cleared = 0
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not _is_stale(folder):
                continue
            shutil.rmtree(folder)
        except OSError:  # gone meanwhile, or not ours to erase: the next sweep looks again
            continue
        cleared += 1
    if cleared:
        logger.warning("%s folders of killed jobs were erased", cleared)
    return cleared


def _is_stale(folder: Path) -> bool:
    """Tell whether the process that made a folder is gone."""
    try:
        with (folder / HELD).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > YOUNG_SECONDS
    except BlockingIOError:
        return False
    return True
