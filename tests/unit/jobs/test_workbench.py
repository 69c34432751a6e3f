"""The folder of a job goes with it; that of a killed job goes at the next sweep; nobody else's is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from aap.jobs.workbench import PREFIX, YOUNG_SECONDS, clear_stale, workbench

JOB = """
import sys, time
from aap.jobs.workbench import workbench
with workbench() as folder:
    (folder / "half.pdf").write_bytes(b"%PDF")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of our own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_a_finished_job_leaves_nothing_even_when_it_fails(place: Path) -> None:
    with workbench() as folder:
        (folder / "piece.raw").write_bytes(b"x")
        assert folder.parent == place
    message = "no room"
    with pytest.raises(OSError, match=message), workbench():
        raise OSError(message)
    assert not list(place.iterdir())


def test_the_folder_of_a_killed_job_goes_at_the_next_sweep(place: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", JOB], stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout is not None
        folder = Path(job.stdout.readline().strip())
        assert folder.parent == place
        assert clear_stale() == 0, "a job at work keeps its folder"
        assert (folder / "half.pdf").exists()
        job.send_signal(signal.SIGKILL)
        job.wait(20)
    assert folder.exists()
    assert clear_stale() == 1
    assert not list(place.iterdir())


def test_a_folder_without_its_lock_is_kept_a_day(place: Path) -> None:
    folder = place / f"{PREFIX}about"
    folder.mkdir()
    assert clear_stale() == 0
    long_ago = time.time() - YOUNG_SECONDS - 60
    os.utime(folder, (long_ago, long_ago))
    assert clear_stale() == 1


def test_what_is_not_ours_is_left_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = place / "kept"
    elsewhere.mkdir()
    (elsewhere / "held").touch()
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    (place / "aap-other").mkdir()
    theirs = place / f"{PREFIX}theirs"
    theirs.mkdir()
    (theirs / "held").touch()
    somebody = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody)
    assert clear_stale() == 0
    monkeypatch.undo()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert clear_stale() == 1  # the one of a dead job of ours
    assert sorted(path.name for path in place.iterdir()) == ["aap-other", f"{PREFIX}link", "kept"]
    assert (elsewhere / "held").exists()
