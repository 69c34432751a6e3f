"""Judging a budget against its limits: held, broken or to be completed, each with the figures that decide.

All arithmetic is on whole cents and exact ratios. ``static/js/funding.js`` holds the same judgements, for the
page that is being typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from aap import french
from aap.applications.checks.plan_limits import Limit
from aap.applications.plan import OWN, SUBSIDY, FundingPlan, placed
from aap.rules import Outcome

Figures = Mapping[str, str]
Judged = tuple[str, Figures]  # the name of the text, and what fills it

_OUTCOMES = {"held": Outcome.HELD, "none": Outcome.HELD, "empty": Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a budget; ``sentence`` carries the figures."""

    key: str
    label: str
    outcome: Outcome
    sentence: str


def judge_plan(limits: Iterable[Limit], plan: FundingPlan) -> tuple[Judgement, ...]:
    """Judge a budget against every limit, in their order."""
    return tuple(_judge(limit, plan) for limit in limits)


def _judge(limit: Limit, plan: FundingPlan) -> Judgement:
    if limit.unknown:
        text = limit.unknown
        return Judgement(limit.key, limit.label, Outcome.UNKNOWN, f"{text[:1].upper()}{text[1:]}.")
    name, figures = _KINDS[limit.kind](limit, plan)
    outcome = _OUTCOMES.get(name, Outcome.BROKEN)
    sentence = limit.texts[name]
    for figure, words in figures.items():
        sentence = sentence.replace(f"{{{figure}}}", words)
    return Judgement(limit.key, limit.label, outcome, sentence)


def _balance(_limit: Limit, plan: FundingPlan) -> Judged:
    gap = plan.expenses - plan.income
    figures = {"expenses": _euros(plan.expenses), "income": _euros(plan.income), "gap": _euros(abs(gap))}
    if not plan.expenses and not plan.income:
        return "empty", figures
    return ("short" if gap > 0 else "over" if gap < 0 else "held"), figures


def _asked(_limit: Limit, plan: FundingPlan) -> Judged:
    subsidy = plan.of_kind(SUBSIDY)
    gap = abs(plan.requested - subsidy)
    figures = {"requested": _euros(plan.requested), "subsidy": _euros(subsidy), "gap": _euros(gap)}
    if not plan.requested and not subsidy:
        return "empty", figures
    return ("broken" if gap else "held"), figures


def _cap(limit: Limit, plan: FundingPlan) -> Judged:
    over = plan.requested - limit.bound.numerator
    figures = {"requested": _euros(plan.requested), "over": _euros(over)}
    return ("empty" if plan.requested <= 0 else "broken" if over > 0 else "held"), figures


def _rate(limit: Limit, plan: FundingPlan) -> Judged:
    if plan.expenses <= 0 or plan.requested <= 0:
        return "empty", {}
    over = _beyond(plan.requested, limit.bound, plan.expenses)
    figures = {
        "share": _percent(plan.requested, plan.expenses),
        "requested": _euros(plan.requested),
        "expenses": _euros(plan.expenses),
        "over": _euros(over),
    }
    return ("broken" if over > 0 else "held"), figures


def _share(limit: Limit, plan: FundingPlan) -> Judged:
    spent, asked = plan.of_category(limit.category)
    part, base = (asked, plan.requested) if limit.of_subsidy else (spent, plan.expenses)
    if base <= 0:
        return "empty", {}
    gap = _beyond(part, limit.bound, base) if limit.is_max else _short(part, limit.bound, base)
    figures = {"share": _percent(part, base), "part": _euros(part), "base": _euros(base), "gap": _euros(gap)}
    return ("broken" if gap > 0 else "held"), figures


def _own(limit: Limit, plan: FundingPlan) -> Judged:
    if plan.expenses <= 0:
        return "empty", {}
    own = plan.of_kind(OWN)
    gap = _short(own, limit.bound, plan.expenses)
    figures = {
        "share": _percent(own, plan.expenses),
        "own": _euros(own),
        "expenses": _euros(plan.expenses),
        "gap": _euros(gap),
    }
    return ("broken" if gap > 0 else "held"), figures


def _cofunding(_limit: Limit, plan: FundingPlan) -> Judged:
    others = plan.income - plan.of_kind(SUBSIDY)
    if not plan.income:
        return "empty", {}
    return ("held" if others > 0 else "broken"), {"others": _euros(others)}


def _quotes(limit: Limit, plan: FundingPlan) -> Judged:
    if not plan.expenses:
        return "empty", {}
    asked = [
        line for line in plan.lines if line.amount > limit.bound.numerator and limit.category in {"", line.category}
    ]
    if not asked:
        return "none", {}
    without = [line for line in asked if not line.quoted]
    names = french.listing([f"{line.name} ({_euros(line.amount)})" for line in without or asked])
    return ("broken" if without else "held"), {"names": names}


def _earmarks(_limit: Limit, plan: FundingPlan) -> Judged:
    reserved = sum(max(funder.amount, 0) for funder in plan.funders if funder.earmarks)
    if not reserved:
        return "none", {}
    fitting = sum(placed(plan).values())
    figures = {"reserved": _euros(reserved), "placed": _euros(fitting), "gap": _euros(reserved - fitting)}
    return ("held" if fitting == reserved else "broken"), figures


_KINDS: Mapping[str, Callable[[Limit, FundingPlan], Judged]] = {
    "balance": _balance,
    "asked": _asked,
    "cap": _cap,
    "rate": _rate,
    "share": _share,
    "own": _own,
    "cofunding": _cofunding,
    "quotes": _quotes,
    "earmarks": _earmarks,
}


def _beyond(part: int, bound: Fraction, base: int) -> int:
    """Return by how many cents a part passes its share of a base, rounded up: 0 or less when it does not."""
    return -((bound.numerator * base - part * bound.denominator) // bound.denominator)


def _short(part: int, bound: Fraction, base: int) -> int:
    """Return how many cents a part lacks to reach its share of a base, rounded up: 0 or less when it does."""
    return -((part * bound.denominator - bound.numerator * base) // bound.denominator)


def _euros(amount: int) -> str:
    return french.euros(Fraction(amount, 100))


def _percent(part: int, base: int) -> str:
    return french.percent(Fraction(part, base), 2)
