"""The French words of a call's rules: labels of its fields, of its codes and of its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from aap import french
from aap.calls.document.facts import FACT_CODES, FACT_LABELS, SIGNATURES
from aap.calls.models import CallVersion
from aap.forms.spec import FormSpec
from aap.referentials.vocabularies import VOCABULARIES, known_label
from aap.rules import Signature

_MONEY = frozenset({"budget.total_expenses", "budget.total_income", "budget.requested_eur", "amount_eur"})


@dataclass(frozen=True, slots=True)
class CallWords:
    """Words taken from one version of a call and its form."""

    version: CallVersion
    form: FormSpec

    def field(self, name: str) -> str:
        """Return the label of a built-in fact or of a field."""
        spec = self.form.field(name)
        return FACT_LABELS.get(name) or (spec.label if spec else name)

    def value(self, field: str, value: object) -> str:
        """Write a value of a fact as a reader sees it."""
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, datetime):
            return french.moment(value)
        if isinstance(value, date):
            return french.day(value)
        if isinstance(value, Decimal | int | Fraction):
            if field in _MONEY:
                return french.euros(value)
            return french.percent(value, 2) if field == "budget.requested_rate" else french.number(value)
        return self._code(field, str(value))

    def reference(self, ref: str) -> str:
        """Return the words of a reference: a step of the calendar with its hour, or a list."""
        head, _, name = ref.partition(".")
        if head == "calendar":
            step = next((step for step in self.version.call.steps if step.key == name), None)
            if step is not None:
                return f"« {step.label} » ({french.moment(step.at) if step.at else french.day(step.from_date)})"
        words = VOCABULARIES.get(name)
        return f"l'un des choix de l'appel ({words.title.lower()})" if words else ref

    def signature(self, name: str) -> Signature | None:
        """Return the signature of a named rule."""
        return SIGNATURES.get(name)

    def _code(self, field: str, code: str) -> str:
        spec = self.form.field(field)
        option = spec.option(code) if spec else None
        if option is not None:
            return option.label
        listing = VOCABULARIES.get(FACT_CODES.get(field, "").rpartition(".")[2])
        return listing.label(code) if listing and code in listing else known_label(code)
