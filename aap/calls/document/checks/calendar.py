"""The calendar: the steps that must exist, and those that law or logic puts in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from aap.calls.document.body import Calendar, Step
from aap.calls.document.checks.sections import Sections
from aap.errors import Problem

REQUIRED = ("publication", "submission_deadline", "decision")
REQUIRED_TO_SCORE = ("scoring_start", "scoring_end")
INSTANTS = frozenset(
    {
        "publication",
        "opening",
        "questions_deadline",
        "submission_deadline",
        "completion_deadline",
        "scoring_start",
        "scoring_end",
        "decision",
        "notification",
        "reservations_deadline",
        "archive",
    }
)
# (earlier, later): the later may not come before the last day of the earlier.
ORDER = (
    ("publication", "opening"),
    ("publication", "webinar"),
    ("opening", "submission_deadline"),
    ("publication", "questions_deadline"),
    ("questions_deadline", "faq_final"),
    ("questions_deadline", "submission_deadline"),
    ("faq_final", "submission_deadline"),
    ("submission_deadline", "admissibility_end"),
    ("submission_deadline", "completion_deadline"),
    ("submission_deadline", "instruction_end"),
    ("submission_deadline", "scoring_start"),
    ("scoring_end", "deliberation"),
    ("scoring_start", "hearings"),
    ("hearings", "deliberation"),
    ("deliberation", "decision"),
    ("submission_deadline", "decision"),
    ("scoring_end", "decision"),
    ("decision", "notification"),
    ("notification", "reservations_deadline"),
    ("decision", "contracting"),
    ("notification", "archive"),
)
# The same, and the two may not coincide.
STRICT_ORDER = (("publication", "submission_deadline"), ("scoring_start", "scoring_end"))


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse missing steps, days where an hour is needed, and steps out of order."""
    if sections.calendar:
        yield from check_calendar(sections.calendar, scored=sections.rubric is not None)


def check_calendar(calendar: Calendar, *, scored: bool) -> Iterator[Problem]:
    """Check a calendar by itself; ``scored`` when applications are marked."""
    steps = {step.id: (i, step) for i, step in enumerate(calendar.steps)}
    for key in REQUIRED + (REQUIRED_TO_SCORE if scored else ()):
        if key not in steps:
            yield Problem("call.calendar.steps", f"L'étape « {key} » manque.")
    for key, (i, step) in steps.items():
        if key in INSTANTS and step.at is None:
            yield Problem(f"call.calendar.steps[{i}]", f"L'étape « {key} » demande une heure (at), pas des jours.")
    for pairs, strict in ((ORDER, False), (STRICT_ORDER, True)):
        for earlier, later in pairs:
            if earlier in steps and later in steps:
                yield from _ordered(steps[earlier][1], *steps[later], strict=strict)


def _ordered(earlier: Step, position: int, later: Step, *, strict: bool) -> Iterator[Problem]:
    end, start = _instant(earlier, earlier.to_date), _instant(later, later.from_date)
    if start < end or (strict and start == end):
        yield Problem(
            f"call.calendar.steps[{position}]",
            f"« {later.label} » ({later.id}) doit venir après « {earlier.label} » ({earlier.id}).",
        )


def _instant(step: Step, day: date | None) -> datetime:
    """Return the hour of a step, or the midnight that begins a day: the last day of a step may be shared."""
    if step.at is not None:
        return step.at
    return datetime.combine(day or date.max, time.min)
