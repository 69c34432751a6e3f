"""Quantities and dates: number, money, percentage, scale, date, month. Always exact, never a float."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.cleaning import clean_line, decimal_from_json, read_decimal
from aap.forms.fields.field_type import ScalarType, UnreadableError
from aap.forms.spec import FieldSpec
from aap.french import HARD, day, euros, month, number

QUANTITY_DECIMALS = 3  # of a quantity in a budget: static/js/funding.js reads as many
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-01)?")
_FRENCH_MONTH = re.compile(r"([0-9]{1,2})[/. -]([0-9]{4})")


class NumberType(ScalarType[Decimal]):
    """A number. Below zero only when the field's ``min`` is."""

    name = "number"
    title = "Nombre"
    numeric = True
    decimals: ClassVar[int] = 6
    unit: ClassVar[str] = ""
    top: ClassVar[Decimal | None] = None

    @override
    def read(self, text: str) -> Decimal | None:
        """Return the exact number."""
        return read_decimal(text, decimals=self.decimals, unit=self.unit)

    @override
    def write(self, value: Decimal) -> str:
        """Return the number with a decimal comma and no grouping, as a person would type it again."""
        return f"{value:f}".replace(".", ",")

    @override
    def to_json(self, spec: FieldSpec, value: Decimal) -> Any:
        """Return the number as text."""
        return f"{value:f}"

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> Decimal:
        """Return the exact number."""
        return decimal_from_json(value)

    @override
    def show(self, spec: FieldSpec, value: Decimal) -> str:
        """Return the number with thin spaces and a comma."""
        return number(value)

    @override
    def check(self, spec: FieldSpec, value: Decimal) -> tuple[Problem, ...]:
        """Report a number out of the bounds or off the step."""
        least = Decimal(0) if spec.min is None else Decimal(spec.min)
        most = self.top if spec.max is None else Decimal(spec.max)
        if value < least:
            return (Problem(spec.id, f"Le nombre doit être au moins égal à {self.show(spec, least)}."),)
        if most is not None and value > most:
            return (Problem(spec.id, f"Le nombre doit être au plus égal à {self.show(spec, most)}."),)
        if spec.step and (value - least) % Decimal(spec.step):
            step = number(Decimal(spec.step))
            return (Problem(spec.id, f"Le nombre doit aller de {step} en {step} à partir de {number(least)}."),)
        return ()


class IntegerType(NumberType):
    """A whole number."""

    name = "integer"
    title = "Nombre entier"
    decimals = 0


class QuantityType(NumberType):
    """How many of something is paid for: to the thousandth (1,2 month, 0,125 day)."""

    name = "quantity"
    title = "Quantité"
    decimals = QUANTITY_DECIMALS


class MoneyType(NumberType):
    """An amount in euros, to the cent."""

    name = "money"
    title = "Montant"
    decimals = 2
    unit = "€"

    @override
    def show(self, spec: FieldSpec, value: Decimal) -> str:
        """Return the amount with its sign: ``112 500 €``."""
        return euros(value)


class PercentageType(NumberType):
    """A percentage, kept as the figure written before the sign: 80 for 80 %."""

    name = "percentage"
    title = "Pourcentage"
    decimals = 4
    unit = "%"
    top = Decimal(100)

    @override
    def show(self, spec: FieldSpec, value: Decimal) -> str:
        """Return the figure with its sign: ``80 %``."""
        return f"{number(value)}{HARD}%"


class RateType(PercentageType):
    """A rate, typed as a percentage and kept as a ratio, as documents and rules write it: 0.8 for 80 %."""

    name = "rate"
    title = "Taux"
    top = Decimal(1)

    @override
    def read(self, text: str) -> Decimal | None:
        """Return the ratio."""
        typed = PercentageType.read(self, text)
        return None if typed is None else typed / 100

    @override
    def write(self, value: Decimal) -> str:
        """Return the percentage, as a person would type it again."""
        return PercentageType.write(self, _plain(value * 100))

    @override
    def show(self, spec: FieldSpec, value: Decimal) -> str:
        """Return the percentage with its sign: ``80 %``."""
        return PercentageType.show(self, spec, value * 100)


class ScaleType(NumberType):
    """A step of a short scale: 1 to 5 by units, unless the field says otherwise (0 to 10 by halves)."""

    name = "scale"
    title = "Échelle"

    def steps(self, spec: FieldSpec) -> tuple[Decimal, ...]:
        """Return the steps to choose from."""
        least, most = Decimal(1 if spec.min is None else spec.min), Decimal(5 if spec.max is None else spec.max)
        step = Decimal(spec.step or 1)
        return tuple(_plain(least + step * rank) for rank in range(int((most - least) / step) + 1))

    def choices(self, spec: FieldSpec) -> list[tuple[str, str]]:
        """Return each step as an input holds it, and as a person reads it."""
        return [(self.write(step), number(step)) for step in self.steps(spec)]

    @override
    def check(self, spec: FieldSpec, value: Decimal) -> tuple[Problem, ...]:
        """Report a step that the scale does not have."""
        steps = self.steps(spec)
        bounds = f"de {number(steps[0])} à {number(steps[-1])}"
        return () if value in steps else (Problem(spec.id, f"Choisissez une valeur {bounds}."),)

    @override
    def show(self, spec: FieldSpec, value: Decimal) -> str:
        """Return the step out of the highest: ``3 sur 5``, or the words of its option."""
        option = spec.option(f"{value:f}")
        return f"{number(value)} sur {number(self.steps(spec)[-1])}" if option is None else option.label


class DateType(ScalarType[date]):
    """A day."""

    name = "date"
    title = "Date"

    @override
    def read(self, text: str) -> date | None:
        """Read ``2023-11-06`` (what a date input sends) or ``06/11/2023``."""
        line = clean_line(text)
        if not line:
            return None
        iso, french = _ISO_DAY.fullmatch(line), _FRENCH_DAY.fullmatch(line)
        if iso:
            return _day(iso[1], iso[2], iso[3])
        if french:
            return _day(french[3], french[2], french[1])
        raise UnreadableError("Écrivez une date, par exemple 06/11/2023.")

    @override
    def write(self, value: date) -> str:
        """Return the form a date input reads."""
        return value.isoformat()

    @override
    def to_json(self, spec: FieldSpec, value: date) -> Any:
        """Return ``2023-11-06``."""
        return value.isoformat()

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> date:
        """Return the day; a YAML document may give it already read."""
        read = value if isinstance(value, date) else self.read(value) if isinstance(value, str) else None
        if read is None:
            raise UnreadableError("Une date est attendue.")
        return date(read.year, read.month, read.day)

    @override
    def show(self, spec: FieldSpec, value: date) -> str:
        """Return the day in words."""
        return day(value)


class MonthType(DateType):
    """A month, kept as its first day."""

    name = "month"
    title = "Mois"

    @override
    def read(self, text: str) -> date | None:
        """Read ``2024-04`` (what a month input sends) or ``04/2024``."""
        line = clean_line(text)
        if not line:
            return None
        iso, french = _ISO_MONTH.fullmatch(line), _FRENCH_MONTH.fullmatch(line)
        if iso:
            return _day(iso[1], iso[2], "1")
        if french:
            return _day(french[2], french[1], "1")
        raise UnreadableError("Écrivez un mois, par exemple 04/2024.")

    @override
    def write(self, value: date) -> str:
        """Return the form a month input reads."""
        return f"{value:%Y-%m}"

    @override
    def to_json(self, spec: FieldSpec, value: date) -> Any:
        """Return ``2024-04``."""
        return f"{value:%Y-%m}"

    @override
    def show(self, spec: FieldSpec, value: date) -> str:
        """Return the month in words."""
        return month(value)


def _plain(value: Decimal) -> Decimal:
    """Drop the zeros after the comma: 80.00 and 80 are typed alike."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _day(year: str, month_number: str, day_number: str) -> date:
    try:
        found = date(int(year), int(month_number), int(day_number))
    except ValueError:
        raise UnreadableError("Cette date n'existe pas : vérifiez le jour et le mois.") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UnreadableError(f"L'année doit être comprise entre {_FIRST_YEAR} et {_LAST_YEAR}.")
    return found
