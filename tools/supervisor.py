"""Start programs, watch them, start again those that die, stop them in order and leave none behind.

Each program is a session of its own: Ctrl-C reaches the supervisor alone, which stops the worker before the queue it
needs. On Linux the kernel also stops them when the supervisor itself is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
TICK = 0.1  # seconds between two looks
STEADY = 60.0  # seconds after which a program is said to be well again
MAX_FALLS = 5  # falls in a row before everything stops


class StartError(Exception):
    """A program does not start or does not stay up; the message is for the person at the keyboard."""


class StoppedError(Exception):
    """The person asked to stop."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program to keep alive: its name, its command, and how long it may take to stop, in seconds."""

    name: str
    command: Sequence[str]
    patience: float = 10.0


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    since: float
    falls: int = 0
    again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps programs alive. They stop in the reverse order of their start, unless ``stop`` is told another."""

    folder: Path
    logs: Path
    environ: Mapping[str, str]
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _children: dict[str, _Child] = field(default_factory=dict)
    _signals: int = 0

    def listen(self) -> None:
        """Take Ctrl-C and the termination signals."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._signals += 1

    def check(self) -> None:
        """Say whether to go on.

        Raises:
            StoppedError: the person asked to stop.

        """
        if self._signals:
            raise StoppedError

    # ------------------------------------------------------------------------------------------------------- starting
    def start(self, program: Program) -> None:
        """Start a program; its output goes to ``logs/<name>.log``."""
        self._children[program.name] = _Child(program, self._spawn(program), self.clock())

    def run(self, name: str, command: Sequence[str], *, shown: bool = False) -> None:
        """Run a step to its end; what it writes goes to its log, or to the screen.

        Raises:
            StartError: the step failed.
            StoppedError: the person asked to stop meanwhile.

        """
        program = Program(name, command)
        process = self._spawn(program, shown=shown)
        try:
            while process.poll() is None:
                self.check()
                time.sleep(TICK / 2)
        finally:
            if process.poll() is None:
                self._finish(process, program.patience)
        if process.returncode:
            raise StartError(self._fallen(program, process.returncode, shown=shown))

    def wait_for(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait until ``ready`` answers yes, watching the programs meanwhile.

        Raises:
            StartError: not ready in time, or a program fell too often.
            StoppedError: the person asked to stop.

        """
        limit = self.clock() + seconds
        while not ready():
            self.check()
            self.look()
            if self.clock() > limit:
                message = f"{what} : pas prêt après {seconds:.0f} s. Voir les journaux dans {self.logs}."
                raise StartError(message)
            time.sleep(TICK)

    def _spawn(self, program: Program, *, shown: bool = False) -> subprocess.Popen[bytes]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{program.name}.log").open("ab") as log:
            try:
                return subprocess.Popen(
                    program.command,
                    cwd=self.folder,
                    env=dict(self.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=None if shown else log,
                    stderr=subprocess.STDOUT if not shown else None,
                    start_new_session=True,
                    preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - we have one thread
                )
            except OSError as error:
                message = f"{program.name} : {error}"
                raise StartError(message) from error

    # ------------------------------------------------------------------------------------------------------- watching
    def watch(self) -> None:
        """Keep everything alive until the person asks to stop.

        Raises:
            StartError: a program falls again and again.
            StoppedError: the person asked to stop.

        """
        while True:
            self.check()
            self.look()
            time.sleep(TICK)

    def look(self) -> None:
        """Look once at every program, and start again what fell and has waited long enough.

        Raises:
            StartError: a program fell too often in a row.

        """
        now = self.clock()
        for child in self._children.values():
            if child.again_at is not None:
                if now >= child.again_at:
                    child.process, child.since, child.again_at = self._spawn(child.program), now, None
                continue
            code = child.process.poll()
            if code is None:
                continue
            _kill_session(child.process.pid)
            child.falls = 1 if now - child.since > STEADY else child.falls + 1
            if child.falls >= MAX_FALLS:
                raise StartError(self._fallen(child.program, code))
            pause = 2.0 ** (child.falls - 1)
            child.again_at = now + pause
            self.say(f"{child.program.name} s'est arrêté (code {code}) ; il repart dans {pause:.0f} s.")

    def _fallen(self, program: Program, code: int, *, shown: bool = False) -> str:
        path = self.logs / f"{program.name}.log"
        head = f"{program.name} s'est arrêté (code {code})."
        if shown or not path.exists():
            return head
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "\n".join([f"{head} Fin de son journal, {path} :", *(f"  | {line}" for line in lines)])

    # ------------------------------------------------------------------------------------------------------- stopping
    def stop(self, order: Sequence[str] = ()) -> None:
        """Stop everything: those named in ``order`` first, then the others from the last started."""
        names = [name for name in order if name in self._children]
        names += [name for name in reversed(self._children) if name not in names]
        for name in names:
            child = self._children.pop(name)
            if child.again_at is None:
                self._finish(child.process, child.program.patience)

    def _finish(self, process: subprocess.Popen[bytes], patience: float) -> None:
        """Ask politely, then again, then no more; and end whatever the program had started itself."""
        asked = self._signals
        for wait in (patience, patience / 2):
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            limit = self.clock() + wait
            while process.poll() is None and self.clock() < limit and self._signals <= asked + 1:
                time.sleep(TICK / 4)
            if process.poll() is not None:
                break
        _kill_session(process.pid)
        process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_session(leader: int) -> None:
    """End every process of the session that ``leader`` opened: an RQ job has a group of its own, the same session."""
    for pid in _session(leader) or [leader]:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _session(leader: int) -> list[int]:
    members = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            pid, _, rest = entry.read_text(encoding="ascii", errors="replace").partition(" (")
            if rest.rpartition(") ")[2].split()[3] == str(leader):
                members.append(int(pid))
    return members
