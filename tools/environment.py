"""Build ``.venv`` from the hashed locks: ``python -m tools.environment runtime|dev``.

Runs on a bare Python, before anything is installed. uv does the work, installed inside the environment; where it has
no wheel, pip reads the same lock. A stamp keyed on the contents of the locks makes the second call immediate.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"runtime": "runtime.txt", "dev": "dev.txt"}
PROGRESS = ("Downloading", "Building", "Prepared", "Installed")  # what uv says that is worth a line
_PINNED = re.compile(r"^[\w.-]+==", re.MULTILINE)
STAMPS = {"runtime": VENV / ".ok", "dev": VENV / ".dev-ok"}

NO_VENV = """\
Ce Python ne sait pas créer d'environnement : le paquet « venv » manque.
  Debian, Ubuntu : sudo apt install python3-venv
(This Python has no ensurepip: install python3-venv.)"""


class EnvironmentBuildError(Exception):
    """The environment cannot be built; the message is for the person at the keyboard."""


def fingerprint(kind: str, root: Path = ROOT) -> str:
    """Key a stamp on what the environment depends on: the locks, this script and where the tree stands."""
    digest = hashlib.sha256(str(root).encode())
    for name in (LOCKS[kind], "uv.txt"):
        digest.update((root / "requirements" / name).read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def is_fresh(kind: str) -> bool:
    """Tell whether the environment already holds what the locks ask. A development one serves to run, too."""
    if not PYTHON.exists():
        return False
    runtime = STAMPS["runtime"]
    if not _holds(runtime, fingerprint("runtime")):
        return False
    return kind == "runtime" or _holds(STAMPS["dev"], fingerprint("dev"))


def _holds(stamp: Path, key: str) -> bool:
    return stamp.is_file() and stamp.read_text().strip() == key


def build(kind: str) -> None:
    """Create or refresh the environment.

    Raises:
        EnvironmentBuildError: this Python cannot make environments, or the packages do not install.

    """
    started = time.monotonic()
    if STAMPS["dev"].exists():
        kind = "dev"  # somebody develops here: running must not uninstall the tests' tools
    for stamp in STAMPS.values():
        stamp.unlink(missing_ok=True)
    _say(f"Environnement Python ({kind}) : construction dans .venv")
    if not _works():
        _create()
    _install(["uv.txt", LOCKS[kind]])
    _link()
    STAMPS["runtime"].write_text(fingerprint("runtime") + "\n")
    if kind == "dev":
        STAMPS["dev"].write_text(fingerprint("dev") + "\n")
    _say(f"Environnement Python : prêt en {time.monotonic() - started:.0f} s")


def _works() -> bool:
    """Tell whether ``.venv`` has a Python that answers, is recent enough and was made for this folder."""
    if not PYTHON.exists():
        return False
    probe = "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)"
    if subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode != 0:
        return False
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _create() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships venv without it: asked here, before a half-made folder
    except ImportError:
        uv = shutil.which("uv")
        if uv is None:
            raise EnvironmentBuildError(NO_VENV) from None
        _run([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)])
        return
    _run([sys.executable, "-m", "venv", str(VENV)])


def _install(locks: Sequence[str]) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    paths = [str(ROOT / "requirements" / name) for name in locks]
    count = sum(len(_PINNED.findall((ROOT / "requirements" / name).read_text())) for name in locks)
    sync = [str(VENV / "bin" / "uv"), "pip", "sync", "--python", str(PYTHON), "--require-hashes", "--compile-bytecode"]
    try:
        _run([*pip, "-r", paths[0]])
        _say(f"Environnement Python : {count} paquets à installer")
        _run([*sync, *paths], shown=PROGRESS)
    except EnvironmentBuildError:
        _say("uv n'a pas abouti ici ; pip prend la suite, plus lentement.")
        for path in paths[1:]:
            _run([*pip, "-r", path])


def _link() -> None:
    """Make the checkout importable and its command callable: what an editable install does, without a build."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, check=True, text=True)
    (Path(answer.stdout.strip()) / "aap.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    code = "import sys; sys.argv[0] = 'aap'; from aap.cli import main; sys.exit(main())"
    command = VENV / "bin" / "aap"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -c "{code}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def _run(command: Sequence[str], *, shown: Sequence[str] = ()) -> None:
    """Run a step; with ``shown``, print only the lines that begin so, and all of them when the step fails."""
    environ = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONHOME"}}
    failure = EnvironmentBuildError(f"La commande a échoué : {shlex.join(command)}")
    lines: list[str] = []
    try:
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stderr=subprocess.PIPE if shown else None, text=True
        ) as process:
            for line in process.stderr or ():
                lines.append(line)
                if line.strip().startswith(tuple(shown)):
                    _say(f"  {line.strip()}")
    except OSError as error:
        raise failure from error
    if process.returncode != 0:
        sys.stderr.writelines(lines)
        raise failure


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Build what is asked, unless it stands already."""
    kind = arguments[0] if arguments else "runtime"
    if kind not in LOCKS:
        print("Usage : python -m tools.environment runtime|dev", file=sys.stderr)
        return 2
    if is_fresh(kind):
        return 0
    try:
        build(kind)
    except EnvironmentBuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
