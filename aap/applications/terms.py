"""What the call asks, read from the version an application points to: figures, annexes, hours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from aap.applications.particulars import AnnexTerms, Cap, QuoteTerm, ShareRule, Terms
from aap.calls.document.form import PER_LINES, Annex, FieldKind, FormField
from aap.calls.document.storage import thaw
from aap.calls.models import Call, CallVersion
from aap.calls.queries import load_document
from aap.calls.queries.documents import KEPT
from aap.errors import InvalidError
from aap.rules import NamedCall, parse, parts

COMPLETION_DEADLINE = "completion_deadline"
QUOTE = "devis"  # how the label of an annex says that it asks for quotes
_kept: dict[tuple[uuid.UUID, str], Terms] = {}
DEFAULT_RATE_BASIS = "best_zone_with_half_of_capacity"


def annex_of(version: CallVersion, annex_key: str) -> Annex:
    """Return an annex of the call.

    Raises:
        InvalidError: the call asks for no such annex.

    """
    annex = next((annex for annex in load_document(version).annexes if annex.id == annex_key), None)
    if annex is None:
        raise InvalidError.on("annex_key", "L'appel ne demande pas cette pièce.", code="piece-inconnue")
    return annex


def piece_label(version: CallVersion, key: str) -> str:
    """Return the words of an annex or of a question that a file answers; the key when the call has neither."""
    named = {annex.id: annex.label for annex in load_document(version).annexes}
    named |= {field.id: field.label for field in file_questions(version)}
    return named.get(key, key)


def file_questions(version: CallVersion) -> tuple[FormField, ...]:
    """Return the questions of the form that a file answers."""
    return tuple(field for field in load_document(version).form.fields if field.type is FieldKind.FILE)


HONOUR_STATEMENTS = (
    "que les renseignements et les pièces de ce dossier sont exacts et complets ;",
    "que je suis habilité à le déposer au nom de la structure ;",
    "que la structure est à jour de ses obligations fiscales et sociales, et a déclaré les aides publiques perçues ;",
    "que ce dossier ne contient aucune donnée nominative de patient.",
)


def honour_statements(version: CallVersion) -> tuple[str, ...]:
    """Return what the lead attests on honour when depositing: the call's own words, or the usual ones."""
    return load_document(version).honour_statements or HONOUR_STATEMENTS


def terms_of(version: CallVersion) -> Terms:
    """Return the figures that named rules need, kept by the process: a version does not change."""
    key = (version.id, version.fingerprint)
    if key not in _kept:
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = _read_terms(version)
    return _kept[key]


def _read_terms(version: CallVersion) -> Terms:
    """Gather them: rows for what is paid, document for the rest."""
    document = load_document(version)
    cofunding = document.funding.cofunding
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
        own_share_min=None if cofunding is None else _exact(cofunding.own_share_min),
        cofunding_required=cofunding is not None and cofunding.required,
        quotes=tuple(term for annex in document.annexes for term in _quotes(annex)),
    )


def _quotes(annex: Annex) -> Iterator[QuoteTerm]:
    """Read from the condition of an annex over which amount it wants the quote of an expense."""
    if annex.required_if is None or QUOTE not in annex.label.lower():
        return
    for part in parts(annex.required_if):
        if isinstance(part, NamedCall) and part.name == "line_over":
            category, over = part.argument("category"), part.argument("amount_eur")
            if isinstance(over, Decimal):
                yield QuoteTerm(annex.id, str(category) if category else None, over, annex.per == PER_LINES)


def _exact(share: Decimal | None) -> Fraction | None:
    return None if share is None else Fraction(share)


def step_instant(call: Call, key: str) -> datetime | None:
    """Return the hour of a step of the calendar as it stands today, or ``None``."""
    return next((step.at for step in call.steps if step.key == key), None)
