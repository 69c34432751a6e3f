"""What a ``call/1`` document must respect beyond its shape: sums, identifiers, references, calendar."""

from __future__ import annotations

from aap.calls.document.checks import calendar, codes, form, identifiers, rule_texts, selection, sums
from aap.calls.document.checks.sections import Sections
from aap.errors import Problem

__all__ = ["Sections", "check", "warn"]

_CHECKS = (
    identifiers.check,
    sums.check,
    calendar.check,
    codes.check,
    form.check,
    selection.check,
    rule_texts.check,
)
_WARNINGS = (codes.warn, form.warn, rule_texts.warn)


def check(sections: Sections) -> list[Problem]:
    """Return every fault that forbids the import; sections that could not be read are left out."""
    return [problem for rule in _CHECKS for problem in rule(sections)]


def warn(sections: Sections) -> list[Problem]:
    """Return what is odd but admitted."""
    return [problem for rule in _WARNINGS for problem in rule(sections)]
