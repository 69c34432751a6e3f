"""A revised plan as the agency types it: the agency's share of each line, and what each funder brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from aap.awards.inputs import Plan, PlanFunder, PlanLine
from aap.awards.models import Project
from aap.blueprints.office.inputs import plain_euros
from aap.errors import InvalidError, Problem
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

SHARE, AMOUNT = "lines-{}-granted_share_eur", "funders-{}-amount_eur"


def plan_of(project: Project) -> Plan:
    """Return the plan of a contract, to be amended."""
    lines = tuple(
        PlanLine(row.key, row.category, row.label, row.planned_eur, row.granted_share_eur)
        for row in project.budget_lines
    )
    return Plan(lines, tuple(PlanFunder(row.key, row.name, row.kind, row.amount_eur) for row in project.funders))


def shown(plan: Plan, sent: Mapping[str, str]) -> dict[str, str]:
    """Return what the inputs hold: what was typed, else the plan's amounts."""
    values = {SHARE.format(line.key): plain_euros(line.granted_share_eur) for line in plan.lines}
    values |= {AMOUNT.format(row.key): plain_euros(row.amount_eur) for row in plan.funders}
    return {name: sent.get(name, value) for name, value in values.items()}


def typed_plan(plan: Plan, sent: Mapping[str, str]) -> Plan:
    """Return the plan with the amounts typed.

    Raises:
        InvalidError: an amount that cannot be read, on its input.

    """
    problems: list[Problem] = []

    def amount(name: str, current: Decimal) -> Decimal:
        try:
            read = read_decimal(sent.get(name, plain_euros(current)), decimals=2, unit="€")
        except UnreadableError as error:
            problems.append(Problem(name, error.message))
            return current
        return Decimal(0) if read is None else read

    lines = tuple(
        replace(line, granted_share_eur=amount(SHARE.format(line.key), line.granted_share_eur)) for line in plan.lines
    )
    funders = tuple(replace(row, amount_eur=amount(AMOUNT.format(row.key), row.amount_eur)) for row in plan.funders)
    if problems:
        raise InvalidError("Certains montants ne se lisent pas.", tuple(problems), code="montant-illisible")
    return Plan(lines, funders)
