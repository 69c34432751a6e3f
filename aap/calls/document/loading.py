"""Reading a YAML document somebody sends: numbers exact, lines remembered, nothing surprising.

Stricter than YAML: no alias, no anchor, no tag, no second document, no repeated key, no deep nesting, at most 1 MB.
Numbers are read from their text (``int`` or ``Decimal``, never a float), ``2022-03-30`` is a date, ``true`` and
``false`` alone are booleans ("no" stays a word). The tree is built from the parser's events, so that a hostile file
is refused while it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import yaml

from aap.errors import InvalidError, Problem

LARGEST = 1_000_000  # octets
DEEPEST = 30  # levels
MOST_NODES = 50_000
MOST_PROBLEMS = 100
LONGEST_NUMBER = 30  # characters

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Source:
    """A document as read: dictionaries, lists and scalars, and the line of each place such as ``call.strands[2]``."""

    tree: object
    lines: Mapping[str, int]

    def line(self, place: str) -> int | None:
        """Return the line of a place, or of the nearest place around it."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return self.lines.get("")

    def located(self, problem: Problem) -> Problem:
        """Add its line to a problem that has none."""
        return (
            problem if problem.line is not None else Problem(problem.place, problem.message, self.line(problem.place))
        )


def load(content: bytes) -> Source:
    """Read a YAML document.

    Raises:
        InvalidError: with every problem met before reading had to stop.

    """
    builder = _Builder(_text(content))
    try:
        tree = builder.document()
    except _StopReading:
        tree = None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (colonne {mark.column + 1})" if mark else ""
        builder.problems.append(
            Problem("", f"Le fichier n'est pas du YAML lisible à cet endroit{where}.", mark.line + 1 if mark else None)
        )
    except yaml.YAMLError:
        builder.problems.append(Problem("", "Le fichier contient un caractère interdit en YAML."))
    if builder.problems:
        raise refusal(builder.problems)
    return Source(tree, builder.lines)


def refusal(problems: list[Problem]) -> InvalidError:
    """Make the error that refuses a document, with its problems in the order of the file."""
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    shown = ordered[:MOST_PROBLEMS]
    if len(ordered) > len(shown):
        shown.append(Problem("", f"… et {len(ordered) - len(shown)} autres erreurs."))
    count = f"{len(ordered)} erreurs" if len(ordered) > 1 else "une erreur"
    return InvalidError(
        f"Ce document contient {count} : rien n'a été enregistré.", tuple(shown), code="document-invalide"
    )


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise refusal([Problem("", f"Le fichier dépasse {LARGEST // 1000} ko.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal([Problem("", "Le fichier n'est pas un texte en UTF-8.", line)]) from error
    if not text.strip():
        raise refusal([Problem("", "Le fichier est vide.")])
    return text


class _StopReading(Exception):  # noqa: N818  # not an error: the problems are already written down
    """Reading cannot or should not go further."""


class _Builder:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=_PARSER)
        self.nodes = 0

    def document(self) -> object:
        """Read the only document of the stream."""
        event = next(self.events)
        while not isinstance(event, yaml.NodeEvent):
            event = next(self.events)
        tree = self.node(event, "", 1)
        next(self.events)  # the end of the document
        if not isinstance(next(self.events), yaml.StreamEndEvent):
            self.problems.append(Problem("", "Le fichier contient plusieurs documents : un seul est attendu."))
        return tree

    def refuse(self, place: str, message: str, event: yaml.Event) -> None:
        """Write a problem down; stop when there are already too many."""
        self.problems.append(Problem(place, message, _line(event)))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _StopReading

    def node(self, event: yaml.Event, place: str, depth: int) -> object:
        """Read one value, whatever it is."""
        self.nodes += 1
        self.lines.setdefault(place, _line(event))
        if depth > DEEPEST:
            self.refuse(place, f"Le document compte plus de {DEEPEST} niveaux.", event)
            raise _StopReading
        if self.nodes > MOST_NODES:
            self.refuse("", f"Le document compte plus de {MOST_NODES} valeurs.", event)
            raise _StopReading
        self.plain_only(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(place, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(place, depth)
        return None

    def plain_only(self, event: yaml.Event, place: str) -> None:
        """Refuse what makes YAML surprising or dangerous."""
        if isinstance(event, yaml.AliasEvent):
            self.refuse(place, "Les alias YAML (*nom) ne sont pas admis.", event)
        elif getattr(event, "anchor", None) is not None:
            self.refuse(place, "Les ancres YAML (&nom) ne sont pas admises.", event)
        if getattr(event, "tag", None) is not None:
            self.refuse(place, "Les étiquettes YAML (!type) ne sont pas admises.", event)

    def sequence(self, place: str, depth: int) -> list[object]:
        items: list[object] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.node(event, f"{place}[{len(items)}]", depth + 1))
        return items

    def mapping(self, place: str, depth: int) -> dict[object, object]:
        found: dict[object, object] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(event, place)
            here = f"{place}.{key}" if place else str(key)
            repeated = key in found
            if repeated:
                self.refuse(here, f"La clé « {key} » est répétée.", event)
            self.lines.setdefault(here, _line(event))
            value = self.node(next(self.events), here, depth + 1)
            if not repeated:
                found[key] = value
        return found

    def key(self, event: yaml.Event, place: str) -> str | int | Decimal:
        self.plain_only(event, place)
        value = self.scalar(event, place) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.refuse(place, "Une clé est un mot ou un nombre.", event)
            raise _StopReading
        return value

    def scalar(self, event: yaml.ScalarEvent, place: str) -> object:
        text: str = event.value
        if event.style not in {None, ""}:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            if len(text) > LONGEST_NUMBER:
                self.refuse(place, f"Ce nombre compte plus de {LONGEST_NUMBER} caractères.", event)
                return text
            return Decimal(text) if "." in text else int(text)
        return _day_or_text(text)


def _day_or_text(text: str) -> date | str:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
