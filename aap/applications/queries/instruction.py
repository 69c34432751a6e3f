"""What the agency wrote about a file before the jury: verdicts, completion requests, opinions, decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import (
    AdmissibilityDecision,
    Application,
    CheckMode,
    CheckOutcome,
    CompletionItemKind,
    Opinion,
)
from aap.applications.service.admissibility import list_checks
from aap.calls.queries import load_document
from aap.db import db
from aap.referentials.vocabularies import label


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The verdict of a rule on the last deposit."""

    key: str
    label: str
    mode: CheckMode
    blocking: bool
    outcome: CheckOutcome
    because: str
    figures: Mapping[str, Any]
    by_name: str
    at: datetime

    @property
    def tone(self) -> str:
        """The tone of the verdict's badge."""
        if self.outcome is CheckOutcome.FAILED:
            return "error" if self.blocking else "warning"
        return "success" if self.outcome is CheckOutcome.PASSED else "neutral"

    @property
    def outcome_label(self) -> str:
        """The verdict in French."""
        return _OUTCOMES[self.outcome]


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """An opinion that the call asks, given or awaited (``value`` is then empty)."""

    key: str
    label: str
    required: bool
    scale: tuple[tuple[str, str], ...]
    value: str
    value_label: str
    text: str
    author_name: str
    at: datetime | None

    @property
    def tone(self) -> str:
        """The tone of the opinion's badge: best value, worst value, or between."""
        codes = [code for code, _ in self.scale]
        if not self.value:
            return "neutral"
        if self.value == codes[0]:
            return "success"
        return "error" if self.value == codes[-1] else "warning"


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """A completion request: what was asked (label, what is missing), until when, and when it was answered."""

    round: int
    message: str
    requested_at: datetime
    deadline: datetime
    answered_at: datetime | None
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """The decision on admissibility."""

    outcome: str
    outcome_label: str
    motive: str
    by_name: str
    at: datetime


_OUTCOMES = {
    CheckOutcome.PASSED: "Respectée",
    CheckOutcome.FAILED: "Non respectée",
    CheckOutcome.PENDING: "À vérifier",
}


def list_check_rows(application: Application) -> tuple[CheckRow, ...]:
    """Return the verdicts of the last deposit with the labels of the rules. Two queries."""
    checks = list_checks(application)
    labels = {rule.id: rule.label for rule in load_document(application.call_version).eligibility_rules}
    names = _names({check.by_id for check in checks})
    return tuple(
        CheckRow(
            check.rule_key,
            labels.get(check.rule_key, check.rule_key),
            check.mode,
            check.blocking,
            check.outcome,
            check.because,
            check.figures,
            names.get(check.by_id, ""),
            check.at,
        )
        for check in checks
    )


def list_opinion_rows(application: Application) -> tuple[OpinionRow, ...]:
    """Return every opinion the call asks, given or awaited, in its order."""
    query = (
        select(Opinion, User).join(User, User.id == Opinion.author_id).where(Opinion.application_id == application.id)
    )
    given = {opinion.opinion_kind_id: (opinion, user.display_name) for opinion, user in db.session.execute(query)}
    rows = []
    for kind in application.call_version.opinion_kinds:
        opinion, author = given.get(kind.id, (None, ""))
        scale = tuple((code, label("opinion_scale", code)) for code in kind.scale)
        value = opinion.value if opinion else ""
        rows.append(
            OpinionRow(
                kind.key,
                kind.label,
                kind.required,
                scale,
                value,
                label("opinion_scale", value) if value else "",
                opinion.text if opinion else "",
                author,
                opinion.at if opinion else None,
            )
        )
    return tuple(rows)


def list_completion_rows(application: Application) -> tuple[CompletionRow, ...]:
    """Return the completion requests, oldest first."""
    document = load_document(application.call_version)
    labels: dict[tuple[CompletionItemKind, str], str] = {}
    labels |= {(CompletionItemKind.SECTION, section.id): section.title for section in document.form.sections}
    labels |= {(CompletionItemKind.FIELD, field.id): field.label for field in document.form.fields}
    labels |= {(CompletionItemKind.ANNEX, annex.id): annex.label for annex in document.annexes}
    return tuple(
        CompletionRow(
            request.round,
            request.message,
            request.requested_at,
            request.deadline,
            request.answered_at,
            tuple((labels.get((item.kind, item.key), item.key), item.note) for item in request.items),
        )
        for request in application.completion_requests
    )


def get_decision(application: Application) -> DecisionRow | None:
    """Return the decision on admissibility, or ``None`` while there is none."""
    query = select(AdmissibilityDecision).where(AdmissibilityDecision.application_id == application.id)
    decision = db.session.scalar(query)
    if decision is None:
        return None
    return DecisionRow(
        decision.outcome,
        label("admissibility_outcomes", decision.outcome),
        decision.motive,
        _names({decision.by_id}).get(decision.by_id, ""),
        decision.at,
    )


def _names(ids: set[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    known = {user_id for user_id in ids if user_id is not None}
    if not known:
        return {}
    users = db.session.scalars(select(User).where(User.id.in_(known)))
    return {user.id: user.display_name for user in users}
