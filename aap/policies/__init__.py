"""Who may do what: ``may(actor, verb, thing)`` and its SQL twin ``visible(actor, Model)``.

Each file of this folder declares the verbs of one domain; this one only joins them. A verb nobody declared is a
mistake of ours, not a refusal: it raises.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from aap.accounts.models import User
from aap.policies import (
    accounts,
    applications,
    awards,
    calls,
    capitalisation,
    deposits,
    envelopes,
    evaluation,
    jury,
    jury_invitations,
    promises,
    sessions,
)
from aap.policies.terms import Verbs, Visibilities

_DOMAINS = (
    accounts,
    calls,
    applications,
    deposits,
    jury,
    jury_invitations,
    sessions,
    awards,
    envelopes,
    evaluation,
    capitalisation,
    promises,
)

VERBS: Verbs = {verb: rule for domain in _DOMAINS for verb, rule in domain.VERBS.items()}
VISIBLE: Visibilities = {model: rule for domain in _DOMAINS for model, rule in domain.VISIBLE.items()}


def may(actor: User | None, verb: str, thing: Any = None) -> bool:
    """Tell whether this person (``None``: nobody signed in) may do ``verb`` to ``thing``."""
    return VERBS[verb](actor, thing)


def visible(actor: User | None, model: type) -> ColumnElement[bool]:
    """Return the SQL condition that selects the rows of ``model`` this person may read."""
    return VISIBLE[model](actor)
