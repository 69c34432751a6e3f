"""Judging every eligibility rule and every annex of one application: frozen data in, frozen verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aap import french
from aap.applications.checks.annexes import AnnexStatus, status_of
from aap.applications.checks.named import named_rules
from aap.applications.models import CheckMode, CheckOutcome
from aap.applications.particulars import Particulars, Terms
from aap.calls.document.form import EligibilityRule
from aap.rules import Outcome, Words, evaluate
from aap.rules.wording import PLAIN

References = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The verdict of one eligibility rule.

    ``because`` is a French sentence; ``figures`` the facts that decided, as JSON values (amounts and rates as text).
    """

    key: str
    label: str
    mode: CheckMode
    blocking: bool
    outcome: CheckOutcome
    because: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Tell whether the rule is held."""
        return self.outcome is CheckOutcome.PASSED

    @property
    def stops(self) -> bool:
        """Tell whether the rule, as it stands, keeps the file from being admissible."""
        return self.blocking and self.outcome is not CheckOutcome.PASSED


_OUTCOMES = {
    Outcome.HELD: CheckOutcome.PASSED,
    Outcome.BROKEN: CheckOutcome.FAILED,
    Outcome.UNKNOWN: CheckOutcome.PENDING,
}


def judge_eligibility(
    rules: tuple[EligibilityRule, ...],
    particulars: Particulars,
    terms: Terms,
    refs: References,
    words: Words = PLAIN,
) -> tuple[RuleResult, ...]:
    """Judge the rules in their order; a manual rule is pending until an officer answers it."""
    named = named_rules(particulars, terms, words)
    results = []
    for rule in rules:
        mode = CheckMode(rule.mode.value)
        if rule.check is None:
            text = "À vérifier par l'instructeur."
            results.append(RuleResult(rule.id, rule.label, mode, rule.blocking, CheckOutcome.PENDING, text))
            continue
        verdict = evaluate(rule.check, particulars.values, refs, named, words)
        results.append(
            RuleResult(
                rule.id,
                rule.label,
                mode,
                rule.blocking,
                _OUTCOMES[verdict.outcome],
                sentence(verdict.clauses),
                {name: plain(value) for name, value in verdict.facts.items()},
            )
        )
    return tuple(results)


def judge_annexes(
    particulars: Particulars, terms: Terms, refs: References, words: Words = PLAIN
) -> tuple[AnnexStatus, ...]:
    """Say of every annex whether it is required here, why, and what is missing."""
    named = named_rules(particulars, terms, words)
    return tuple(status_of(annex, particulars, refs, named, words) for annex in terms.annexes)


def sentence(clauses: tuple[str, ...]) -> str:
    """Write clauses as one French sentence."""
    text = " ; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def plain(value: object) -> Any:
    """Write a fact as a JSON value: exact numbers and instants become text, lists stay lists."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Fraction):
        return f"{french.rounded(value, 6):f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
