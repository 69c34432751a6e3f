"""What click refuses, said in French: its own sentences are in English."""

from __future__ import annotations

from typing import Any

import click


class Whole(click.ParamType[int]):
    """A whole number from ``least`` up to ``most`` if there is one."""

    name = "entier"

    def __init__(self, least: int = 0, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text, or refuse it in French."""
        text = str(value).strip()
        try:
            number = int(text) if text.isascii() and "_" not in text and len(text) <= 30 else None
        except ValueError:
            number = None
        if number is None or number < self.least or (self.most is not None and number > self.most):
            upper = f" et d'au plus {self.most}" if self.most is not None else ""
            self.fail(f"« {value} » n'est pas un entier d'au moins {self.least}{upper}.", param, ctx)
        return number


class OneOf(click.ParamType[str]):
    """One word among those listed."""

    name = "choix"

    def __init__(self, *words: str) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Show the words in the help."""
        del param, ctx
        return "|".join(self.words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the word, or refuse it in French."""
        if value not in self.words:
            self.fail(f"« {value} » n'est pas admis : {', '.join(self.words)}.", param, ctx)
        return str(value)


def usage_sentence(error: click.UsageError) -> str:
    """Say what is wrong with the line that was typed, and where its help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    path = error.ctx.command_path if error.ctx else "aap"
    return f"{_sentence(error)}\nVoir « {path} --help »."


def _sentence(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter():
            said = f"Il manque {_parameter(error)}."
        case click.BadParameter():
            said = f"{_parameter(error)} : {_expected(error)}"
        case click.NoSuchOption():
            said = f"L'option {error.option_name} n'existe pas."
        case click.exceptions.NoSuchCommand():
            said = f"La commande « {error.command_name} » n'existe pas."
        case click.BadOptionUsage():
            said = f"L'option {error.option_name} est mal employée : il lui faut une valeur, ou elle n'en prend pas."
        case _ if "unexpected extra argument" in error.message:
            said = "Il y a un argument de trop."
        case _:
            said = f"La ligne de commande est mal écrite : {error.message}"
    return said


def _expected(error: click.BadParameter) -> str:
    """Say what a parameter of click's own types admits; ours say it themselves."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"on attend l'un de ces mots : {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange):
        least = f" d'au moins {kind.min}" if kind.min is not None else ""
        most = f" d'au plus {kind.max}" if kind.max is not None else ""
        return f"on attend un entier{least}{' et' if least and most else ''}{most}."
    if kind is click.INT:
        return "on attend un entier."
    return error.message


def _parameter(error: click.BadParameter) -> str:
    parameter = error.param
    if parameter is None:
        return "un paramètre"
    if isinstance(parameter, click.Option):
        return f"l'option {max(parameter.opts, key=len)}"
    return f"l'argument {parameter.make_metavar(error.ctx)}" if error.ctx else f"l'argument {parameter.name}"
