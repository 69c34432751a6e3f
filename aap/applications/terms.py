"""What the call asks, read from the version an application points to: document, figures, references."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from aap.applications.particulars import AnnexTerms, Cap, ShareRule, Terms
from aap.calls.document.body import VersionDocument
from aap.calls.document.form import Annex
from aap.calls.document.storage import thaw
from aap.calls.models import Call, CallVersion
from aap.errors import InvalidError
from aap.referentials.vocabularies import resolve_ref
from aap.rules import parse

SUBMISSION_DEADLINE = "submission_deadline"
COMPLETION_DEADLINE = "completion_deadline"
DEFAULT_RATE_BASIS = "best_zone_with_half_of_capacity"


def document_of(version: CallVersion) -> VersionDocument:
    """Return the typed document of a version."""
    return VersionDocument.model_validate(thaw(version.document))


def annex_of(version: CallVersion, annex_key: str) -> Annex:
    """Return an annex of the call.

    Raises:
        InvalidError: the call asks for no such annex.

    """
    annex = next((annex for annex in document_of(version).annexes if annex.id == annex_key), None)
    if annex is None:
        raise InvalidError.on("annex_key", "L'appel ne demande pas cette pièce.", code="piece-inconnue")
    return annex


def terms_of(version: CallVersion) -> Terms:
    """Gather the figures that named rules need: rows for what is paid, document for the rest."""
    document = document_of(version)
    basis = document.funding.rate_basis
    return Terms(
        caps=tuple(
            Cap(cap.label, None if cap.condition is None else parse(thaw(cap.condition)), cap.max_eur)
            for cap in version.caps
        ),
        rates={rate.zone: Fraction(rate.max_rate) for rate in version.rates},
        rate_basis=DEFAULT_RATE_BASIS if basis is None else basis.value,
        shares=tuple(
            ShareRule(
                rule.category,
                _exact(rule.max_share_of_subsidy),
                _exact(rule.min_share_of_subsidy),
                _exact(rule.max_share_of_total),
                _exact(rule.min_share_of_total),
            )
            for rule in version.category_rules
        ),
        annexes=tuple(
            AnnexTerms(annex.id, annex.label, annex.required, annex.required_if, annex.per, annex.confidential)
            for annex in document.annexes
        ),
    )


def _exact(share: Decimal | None) -> Fraction | None:
    return None if share is None else Fraction(share)


def step_instant(call: Call, key: str) -> datetime | None:
    """Return the hour of a step of the calendar as it stands today, or ``None``."""
    return next((step.at for step in call.steps if step.key == key), None)


def references_of(version: CallVersion) -> Callable[[str], object]:
    """Return the reader of references: ``scope.…``, ``calendar.…`` (as amended) and ``referentials.…``."""
    scope = document_of(version).scope
    steps: dict[str, datetime | date | None] = {step.key: step.at or step.from_date for step in version.call.steps}

    def read(ref: str) -> object:
        head, _, name = ref.partition(".")
        if head == "scope":
            value = getattr(scope, name, None)
            if isinstance(value, tuple):
                return value
        elif head == "calendar":
            return steps[name]
        elif head == "referentials":
            return resolve_ref(ref).codes
        raise KeyError(ref)

    return read
