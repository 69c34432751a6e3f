"""The named rules of the rule language, bound to one application and the terms of its call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aap.applications.checks.annexes import annexes_complete
from aap.applications.checks.funding import category_shares, line_over, within_cap, within_rate
from aap.applications.checks.partners import partners
from aap.applications.particulars import Particulars, Terms
from aap.calls.document.facts import SIGNATURES
from aap.rules import NamedCall, NamedRule, Verdict, Words
from aap.rules.wording import PLAIN

References = Callable[[str], object]


def named_rules(particulars: Particulars, terms: Terms, words: Words = PLAIN) -> Mapping[str, NamedRule]:
    """Return the named rules that judge this application; the facts given at evaluation are its own already."""
    rules: dict[str, NamedRule] = {}

    def all_annexes(_call: NamedCall, _facts: object, refs: References) -> Verdict:
        return annexes_complete(particulars, terms, refs, rules, words)

    computations: dict[str, Callable[[NamedCall, object, References], Verdict]] = {
        "within_cap": lambda _call, _facts, refs: within_cap(particulars, terms, refs),
        "within_rate": lambda _call, _facts, _refs: within_rate(particulars, terms),
        "category_shares": lambda _call, _facts, _refs: category_shares(particulars, terms),
        "annexes_complete": all_annexes,
        "partners": lambda call, _facts, _refs: partners(call, particulars),
        "line_over": lambda call, _facts, _refs: line_over(call, particulars),
    }
    rules.update({name: NamedRule(SIGNATURES[name], compute) for name, compute in computations.items()})
    return rules
