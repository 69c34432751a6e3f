"""``aap scoring``: the science of juries for analysts, without the screens, a database or any configuration.

JSON on standard output, refusals in French on standard error with exit code 2. Each command lives beside the others
of its subject and is imported when it is asked for.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import click

from aap.errors import InvalidError, UnavailableError

LARGEST_FILE = 200 * 2**20  # bytes: 5 000 x 300 dense affinities are 9 MB

COMMANDS = {
    "assign": "aap.cli.portfolios:assign",
    "select": "aap.cli.portfolios:select",
    "agreement": "aap.cli.rankings:agreement",
    "calibrate": "aap.cli.rankings:calibrate",
    "rank": "aap.cli.rankings:rank",
    "draw": "aap.cli.rankings:draw",
}
"""Where each command is: ``module:function``."""


class ScoringGroup(click.Group):
    """Commands known by name, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them in the order of the alphabet."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one that is asked for."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=ScoringGroup)
def scoring() -> None:
    """Rank, measure agreement, calibrate, draw, assign and select from plain files."""


def read_file(path: Path) -> bytes:
    """Read a whole file given on the command line. Raises ``InvalidError`` when it cannot be read or is enormous."""
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise InvalidError(f"{path} : le fichier est trop gros.", code="fichier-trop-gros")
        return path.read_bytes()
    except OSError as error:
        reason = "le fichier n'existe pas" if isinstance(error, FileNotFoundError) else "le fichier ne peut pas être lu"
        raise InvalidError(f"{path} : {reason}.", code="fichier-illisible") from error


def print_json(document: object) -> None:
    """Write a document in UTF-8, one final newline; NaN and infinities are a programming error and raise."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # a lone surrogate that came in as \ud800 goes out the same way
        content = json.dumps(document, allow_nan=False, indent=2).encode()
    unwritten = UnavailableError("La réponse ne peut pas être écrite : la sortie est fermée ou le disque plein.")
    if sys.stdout is None:
        raise unwritten
    try:
        sys.stdout.buffer.write(content + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # who reads has read enough: click ends quietly
        raise
    except OSError as error:
        raise unwritten from error
