"""Fields of the agency's forms that WTForms does not have: amounts typed the French way, days, reasons."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from aap import french
from aap.clock import from_paris
from aap.errors import InvalidError
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

LONGEST = 5000
YEARS = range(1900, 2200)  # what a calendar means: "0024" is a slip of the keyboard, and no instant in UTC


class MoneyField(StringField):
    """Euros to the cent: "112 500", "112500,00 €". What was typed is shown again when it cannot be read."""

    amount: Decimal | None = None
    typed: str | None = None

    def process_data(self, value: Any) -> None:
        """Take the amount of the object."""
        self.amount, self.data = value, value

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        if not valuelist:
            return
        self.typed = str(valuelist[0])
        try:
            self.amount = read_decimal(self.typed, decimals=2, unit="€")
        except UnreadableError as error:
            raise ValueError(error.message) from error
        self.data = self.typed

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.amount is None else plain_euros(self.amount)


class ReasonForm(FlaskForm):
    """A reason, always written."""

    reason = TextAreaField("Motif", validators=[DataRequired("Indiquez le motif."), Length(max=2000)])


class DayField(DateField):
    """A day of the calendar; an unreadable one is refused in plain words."""

    @property
    def day(self) -> date:
        """Return the day given.

        Raises:
            InvalidError: none was.

        """
        if self.data is None:
            raise InvalidError.on(self.name, "Indiquez une date.")
        return self.data

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day; a blank one is no day."""
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(str(valuelist[0]).strip())
        except ValueError as error:
            self.data = None
            self.raw_data = valuelist
            raise ValueError("Cette date n'est pas valide.") from error


class HourField(DateTimeLocalField):
    """An hour of a day, in Paris; a year that cannot be meant is refused, what was typed is shown again."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the hour."""
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Cette date n'est pas valide.") from error
        if self.data is not None and self.data.year not in YEARS:
            self.data = None
            raise ValueError("Vérifiez l'année.")


def plain_euros(amount: Decimal) -> str:
    """Write an amount as a person types it, without unit: "112 500" or "7 724,95"."""
    return french.number(amount, 0 if amount == amount.to_integral_value() else 2)


def noon(day: date) -> datetime:
    """Return noon in Paris on a day: the instant kept of an act of which only the day is known."""
    return from_paris(datetime.combine(day, time(12)))
