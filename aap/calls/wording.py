"""The rules of a call in French: labels of its fields, words of its choices, its own dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from aap import french
from aap.calls.document.body import VersionDocument
from aap.calls.document.facts import FACT_CODES, FACT_LABELS, SIGNATURES
from aap.calls.form import options_of
from aap.calls.phases import StepRow
from aap.referentials.vocabularies import VOCABULARIES, known_label, vocabulary
from aap.rules import Signature

_PARAMETERS = {"category": "budget_categories", "including": "partner_categories"}
_EUROS = frozenset(
    {
        "amount_eur",
        "budget.requested_eur",
        "budget.total_expenses",
        "budget.total_income",
        "line.amount_eur",
        "line.requested_eur",
    }
)
_RATES = frozenset({"budget.requested_rate"})


class CallWords:
    """Words for ``aap.rules``: ``describe(rule, words)`` and ``evaluate(…, words=words)``."""

    def __init__(self, document: VersionDocument, steps: Mapping[str, StepRow]) -> None:
        """Keep the document and the steps of the calendar by key."""
        self._document = document
        self._steps = steps

    def field(self, name: str) -> str:
        """Return the label of a fact or of a field of the form."""
        field = self._document.form.field(name)
        return FACT_LABELS.get(name) or (field.label if field else name)

    def value(self, field: str, value: object) -> str:
        """Return a value as the applicant reads it."""
        match value:
            case bool():
                return "oui" if value else "non"
            case date():
                return french.moment(value) if isinstance(value, datetime) else french.day(value)
            case int() | Decimal() | Fraction():
                return _figure(field, value)
            case str():
                return self._choice(field, value)
            case _:
                return str(value)

    def reference(self, ref: str) -> str:
        """Return the words of a list of the call, or of a date."""
        root, _, name = ref.partition(".")
        if root != "calendar":
            return "l'une des valeurs admises par l'appel"
        step = self._steps.get(name)
        return f"« {step.label} » ({french.moment(step.start)})" if step else f"« {name} »"

    def signature(self, name: str) -> Signature | None:
        """Return the signature of a named rule."""
        return SIGNATURES.get(name)

    def _choice(self, field: str, code: str) -> str:
        if field in _PARAMETERS:
            return vocabulary(_PARAMETERS[field]).label(code)
        listed = FACT_CODES.get(field, "").rpartition(".")[2]
        if listed in VOCABULARIES:
            return vocabulary(listed).label(code)
        found = self._document.form.field(field)
        options = options_of(found, self._document.scope) if found else ()
        return next((option.label for option in options if option.value == code), known_label(code))


def _figure(field: str, value: french.Number) -> str:
    if field in _EUROS:
        return french.euros(value)
    return french.percent(value) if field in _RATES else french.number(value)
