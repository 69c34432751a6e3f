"""The ``aap`` command: what a person types. Errors are sentences in French on standard error, with exit code 2.

Only the commands that are asked for are imported: ``aap scoring`` starts in a tenth of a second, without a database,
without configuration and without Flask.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from aap.cli.usage import usage_sentence
from aap.errors import AapError, InvalidError

MOST_PROBLEMS = 50


class CommandTree(click.Group):
    """The root: analysts' commands are known by name, every other one belongs to the administration."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, those of the administration included."""
        return sorted(["scoring", *_administration().list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import what is asked for."""
        if cmd_name == "scoring":
            command: click.Command = import_module("aap.cli.scoring").scoring
            return command
        return _administration().get_command(ctx, cmd_name)


def _administration() -> click.Group:
    group: click.Group = import_module("aap.cli.administration").cli
    return group


@click.group(cls=CommandTree, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Administer aap (calls, people, demonstration, worker, journal) and compute without it (scoring)."""


def main() -> None:
    """Run the command; a refusal is a sentence and exit code 2, never a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.UsageError as error:
        _fail(usage_sentence(error))
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        click.echo("Interrompu.", err=True)
        raise SystemExit(130) from None
    except InvalidError as error:
        _fail("\n".join(refusal_lines(error)))
    except AapError as error:
        _fail(error.message)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def refusal_lines(error: InvalidError) -> list[str]:
    """Write a refusal as lines: the sentence, then each place with its own. One place alone takes one line."""
    shown, left = error.problems[:MOST_PROBLEMS], error.problems[MOST_PROBLEMS:]
    lines = [f"{problem.place} : {problem.message}" if problem.place else problem.message for problem in shown]
    if len(lines) == 1 and error.problems[0].message == error.message:
        return lines
    return [error.message, *lines, *([f"… et {len(left)} autres."] if left else [])]


def _fail(message: str) -> None:
    click.echo(message, err=True)
    raise SystemExit(2)
