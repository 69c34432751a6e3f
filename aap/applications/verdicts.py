"""Verdicts on one application: eligibility, annexes, completeness; what a page and a deposit ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aap.applications.checks import AnnexStatus, RuleResult, judge_annexes, judge_eligibility
from aap.applications.checks.plan import Judgement, judge_plan
from aap.applications.checks.plan_limits import Limit, limits_of
from aap.applications.facts import Reading, read_application, saved_plan
from aap.applications.models import Application
from aap.applications.pieces import quoted_lines
from aap.forms.completeness import FormStatus, form_status


def evaluate_eligibility(application: Application, now: datetime) -> tuple[RuleResult, ...]:
    """Judge every eligibility rule of the call, in French; a draft is judged as if it were deposited now."""
    return eligibility_of(read_application(application, now))


def list_annexes(application: Application, now: datetime) -> tuple[AnnexStatus, ...]:
    """Say of every annex of the call whether it is required here, why, and what is missing."""
    return annexes_of(read_application(application, now))


def get_progress(application: Application, now: datetime) -> FormStatus:
    """Return the state of each section of the form, with conditional fields resolved."""
    return progress_of(read_application(application, now))


def eligibility_of(reading: Reading) -> tuple[RuleResult, ...]:
    """Judge the eligibility rules of an application already read."""
    rules = reading.document.eligibility_rules
    return judge_eligibility(rules, reading.particulars, reading.terms, reading.references, reading.words)


def eligibility_so_far(reading: Reading) -> tuple[RuleResult, ...]:
    """Judge the rules for a person still writing: what is blank is to come, not broken.

    A deposit is judged by ``eligibility_of``.
    """
    said = reading.particulars
    values = {name: None if value == () else value for name, value in said.values.items()}
    unfinished = replace(said, values=values, unfinished=True)
    rules = reading.document.eligibility_rules
    return judge_eligibility(rules, unfinished, reading.terms, reading.references, reading.words)


def annexes_of(reading: Reading) -> tuple[AnnexStatus, ...]:
    """Judge the annexes of an application already read."""
    return judge_annexes(reading.particulars, reading.terms, reading.references, reading.words)


def funding_limits(reading: Reading) -> tuple[Limit, ...]:
    """Return the rules about money that this file must hold, ready to judge any budget for it."""
    return limits_of(reading.particulars, reading.terms, reading.references)


def funding_of(reading: Reading) -> tuple[Judgement, ...]:
    """Judge the saved budget of an application against the rules about money."""
    joined = quoted_lines(reading.application, reading.rows, reading.pieces)
    return judge_plan(funding_limits(reading), saved_plan(reading.rows, joined))


def progress_of(reading: Reading) -> FormStatus:
    """Return the state of each section of an application already read."""
    return form_status(reading.standing_form, reading.values, reading.unread)
