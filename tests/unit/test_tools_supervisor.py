from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.supervisor import Program, StartError, StoppedError, Supervisor

SLEEPER = "import time; time.sleep(60)"


def _supervisor(folder: Path, said: list[str] | None = None) -> Supervisor:
    return Supervisor(folder, folder / "log", dict(os.environ), (said if said is not None else []).append)


def _python(name: str, code: str, patience: float = 5) -> Program:
    return Program(name, [sys.executable, "-S", "-c", code], patience)


def _eventually(what: Callable[[], bool], seconds: float = 8) -> bool:
    limit = time.monotonic() + seconds
    while not what() and time.monotonic() < limit:
        time.sleep(0.02)
    return what()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_programs_stop_in_the_order_asked(tmp_path: Path) -> None:
    note = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(note)!r}, 'a').write(sys.argv[1] + ' '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open(sys.argv[1] + '.ready', 'w').close()\n"
        "time.sleep(60)\n"
    )
    supervisor = _supervisor(tmp_path)
    names = ("queue", "web", "worker")
    for name in names:
        supervisor.start(Program(name, [sys.executable, "-S", "-c", code, name]))
    assert _eventually(lambda: all((tmp_path / f"{name}.ready").exists() for name in names))
    supervisor.stop(("worker", "web", "queue"))
    assert note.read_text().split() == ["worker", "web", "queue"]


def test_what_a_program_started_itself_does_not_survive_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import os, pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"horse = subprocess.Popen([sys.executable, '-S', '-c', {SLEEPER!r}], process_group=0)\n"
        f"pathlib.Path({str(note)!r}).write_text(str(horse.pid) + '.')\n"
        "time.sleep(60)\n"
    )
    supervisor = _supervisor(tmp_path)
    supervisor.start(_python("stubborn", code, patience=0.3))
    assert _eventually(lambda: note.exists() and note.read_text().endswith("."))
    horse = int(note.read_text().rstrip("."))
    supervisor.stop()
    assert _eventually(lambda: not _alive(horse))


def test_a_program_that_falls_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = _supervisor(tmp_path, said)
    count = tmp_path / "starts"
    supervisor.start(_python("worker", f"open({str(count)!r}, 'a').write('x'); raise SystemExit(3)"))
    supervisor.wait_for(lambda: count.exists() and count.read_text() == "xx", seconds=8, what="worker")
    supervisor.stop()
    assert said[0] == "worker s'est arrêté (code 3) ; il repart dans 1 s."


def test_a_program_that_falls_again_and_again_stops_all_and_shows_its_log(tmp_path: Path) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 10
        return now

    supervisor = _supervisor(tmp_path)
    supervisor.clock = clock
    supervisor.start(_python("worker", "raise SystemExit('aucune table')"))
    with pytest.raises(StartError, match=r"worker s'est arrêté \(code 1\).*\n.*aucune table"):
        supervisor.watch()
    supervisor.clock = time.monotonic
    supervisor.stop()


def test_a_step_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="colonne inconnue"):
        _supervisor(tmp_path).run("migrate", [sys.executable, "-S", "-c", "raise SystemExit('colonne inconnue')"])


def test_a_signal_during_a_step_ends_the_step(tmp_path: Path) -> None:
    supervisor = _supervisor(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor.listen()
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StoppedError):
            supervisor.run("demonstration", [sys.executable, "-S", "-c", SLEEPER])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_programs_end_even_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import os, pathlib, sys, time\n"
        "from tools.supervisor import Program, Supervisor\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "supervisor = Supervisor(folder, folder / 'log', dict(os.environ), print)\n"
        f"supervisor.start(Program('worker', [sys.executable, '-S', '-c', {SLEEPER!r}]))\n"
        f"pathlib.Path({str(note)!r}).write_text(str(supervisor._children['worker'].process.pid) + '.')\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    outer = Supervisor(root, tmp_path / "log", dict(os.environ), print)
    outer.start(Program("outer", [sys.executable, "-c", code]))
    assert _eventually(lambda: note.exists() and note.read_text().endswith("."))
    worker = int(note.read_text().rstrip("."))
    os.kill(outer._children["outer"].process.pid, signal.SIGKILL)
    assert _eventually(lambda: not _alive(worker))
    outer.stop()
