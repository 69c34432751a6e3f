"""The scalar types of the ``call/1`` document, strict: a number is never a text, a flag never a word."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from aap import rules
from aap.calls.document.facts import SIGNATURES
from aap.clock import PARIS
from aap.errors import InvalidError, Problem

_UTC = ZoneInfo("UTC")


class Part(BaseModel):
    """A part of the document: frozen, and no key that is not written here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleError(ValueError):
    """Carries the problems of a rule through pydantic, which reports one error per place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems, places relative to the rule."""
        super().__init__("règle illisible")
        self.problems = problems


def _exact(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("exact", "Un nombre est attendu, avec un point décimal et sans guillemets (0.5).")
    return Decimal(value)


def _euros(value: Decimal) -> Decimal:
    if value < 0 or value >= Decimal(10) ** 12 or value != round(value, 2):
        raise PydanticCustomError("euros", "Un montant en euros positif est attendu, avec deux décimales au plus.")
    return value


def _unit(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise PydanticCustomError("unit", "Une part ou un taux va de 0 à 1 (0.8 pour 80 %).")
    return value


_WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def _wall_time(value: object) -> datetime:
    """Read an hour of Paris, without offset; refuse the hour that the change to summer time skips."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not _WALL.fullmatch(value):
        message = "Une date et une heure de Paris sont attendues, comme 2023-11-06T12:00:00."
        raise PydanticCustomError("wall_time", message)
    try:
        naive = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("wall_time", "Cette date ou cette heure n'existe pas.") from None
    if naive.replace(tzinfo=PARIS).astimezone(_UTC).astimezone(PARIS).replace(tzinfo=None) != naive:
        raise PydanticCustomError("wall_time", "Cette heure n'existe pas à Paris (passage à l'heure d'été).")
    return naive


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("day", "Une date est attendue, comme 2024-01-16.") from None


def _rule(value: object) -> rules.Rule:
    if isinstance(value, rules.AllOf | rules.AnyOf | rules.Comparison | rules.NamedCall):
        return value
    try:
        return rules.parse(value, "", SIGNATURES)
    except InvalidError as error:
        raise RuleError(error.problems) from error


Exact = Annotated[Decimal, PlainValidator(_exact)]
Euros = Annotated[Decimal, PlainValidator(lambda value: _euros(_exact(value)))]
Unit = Annotated[Decimal, PlainValidator(lambda value: _unit(_exact(value)))]
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000, pattern=r"\S")]
Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=400, pattern=r"^[^\n]*\S[^\n]*$")]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\n]*\S[^\n]*$")]
Code = Annotated[str, StringConstraints(strict=True, max_length=40, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Path = Annotated[str, StringConstraints(strict=True, max_length=80, pattern=r"^[a-z_]+\.[A-Za-z][A-Za-z0-9_-]*$")]
Mailbox = Annotated[
    str, StringConstraints(strict=True, max_length=200, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+$")
]
WallTime = Annotated[datetime, PlainValidator(_wall_time)]
Day = Annotated[date, PlainValidator(_day)]
RuleText = Annotated[Any, PlainValidator(_rule), PlainSerializer(rules.to_data)]
