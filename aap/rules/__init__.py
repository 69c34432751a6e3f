"""The one rule language: eligibility, conditional annexes and fields, caps, contract forms, all declared as data.

``parse`` reads it, ``evaluate`` says held, broken or unknown with the reason in French, ``describe`` words it.
No code is ever evaluated: operators are a closed list and named rules are registered by the caller.
"""

from __future__ import annotations

from aap.rules.evaluation import (
    NamedRule,
    Outcome,
    Verdict,
    broken,
    evaluate,
    held,
    unknown,
)
from aap.rules.language import (
    AllOf,
    AnyOf,
    Comparison,
    Literal,
    NamedCall,
    Operand,
    Operator,
    OtherField,
    Parameter,
    ParameterKind,
    Reference,
    Rule,
    Scalar,
    Signature,
    Value,
    fields_of,
    parts,
    references_of,
    to_data,
)
from aap.rules.parsing import parse
from aap.rules.wording import PLAIN, PlainWords, Words, describe

__all__ = [
    "PLAIN",
    "AllOf",
    "AnyOf",
    "Comparison",
    "Literal",
    "NamedCall",
    "NamedRule",
    "Operand",
    "Operator",
    "OtherField",
    "Outcome",
    "Parameter",
    "ParameterKind",
    "PlainWords",
    "Reference",
    "Rule",
    "Scalar",
    "Signature",
    "Value",
    "Verdict",
    "Words",
    "broken",
    "describe",
    "evaluate",
    "fields_of",
    "held",
    "parse",
    "parts",
    "references_of",
    "to_data",
    "unknown",
]
