"""The rules of an application: eligibility, annexes, and the named rules of the rule language."""

from __future__ import annotations

from aap.applications.checks.annexes import AnnexStatus, Slot
from aap.applications.checks.eligibility import RuleResult, judge_annexes, judge_eligibility
from aap.applications.checks.funding import deciding_zone
from aap.applications.checks.named import named_rules

__all__ = [
    "AnnexStatus",
    "RuleResult",
    "Slot",
    "deciding_zone",
    "judge_annexes",
    "judge_eligibility",
    "named_rules",
]
