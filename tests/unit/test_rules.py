"""The rule language: three answers, told in French, and faults told with their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap import rules
from aap.errors import InvalidError
from aap.rules import NamedRule, Outcome, Parameter, ParameterKind, Signature, Verdict

CLOSING = datetime(2023, 11, 6, 11, 0, tzinfo=UTC)
REFS = {"calendar.submission_deadline": CLOSING, "scope.act_types": ("teleexpertise", "telesoin")}
PARTNERS = Signature(
    "partners",
    "le dossier réunit au moins {min} partenaires",
    (Parameter("min", ParameterKind.NUMBER), Parameter("including", ParameterKind.CODES, required=False)),
)
SIGNATURES = {"partners": PARTNERS}


def judge(
    data: Mapping[str, Any], facts: Mapping[str, object], named: Mapping[str, NamedRule] | None = None
) -> Verdict:
    return rules.evaluate(rules.parse(data), facts, REFS.__getitem__, named)


@pytest.mark.parametrize(
    ("data", "value", "outcome"),
    [
        ({"op": "eq", "value": 12}, Decimal("12.0"), Outcome.HELD),
        ({"op": "eq", "value": Decimal("0.1")}, Fraction(1, 10), Outcome.HELD),
        ({"op": "ne", "value": 12}, 12, Outcome.BROKEN),
        ({"op": "lt", "value": 3}, 3, Outcome.BROKEN),
        ({"op": "lte", "value": 3}, 3, Outcome.HELD),
        ({"op": "gt", "value": 3}, 3, Outcome.BROKEN),
        ({"op": "gte", "value": 3}, 3, Outcome.HELD),
        ({"op": "between", "value": [12, 24]}, 24, Outcome.HELD),
        ({"op": "between", "value": [12, 24]}, Decimal("24.01"), Outcome.BROKEN),
        ({"op": "in", "value": ["association", "cpts"]}, "cpts", Outcome.HELD),
        ({"op": "in", "value": ["association", "cpts"]}, "ehpad", Outcome.BROKEN),
        ({"op": "not_in", "value": ["association"]}, "ehpad", Outcome.HELD),
        ({"op": "intersects", "value": ["ZIP", "ZAC"]}, ("ZAC", "rural"), Outcome.HELD),
        ({"op": "intersects", "value": ["ZIP"]}, (), Outcome.BROKEN),
        ({"op": "intersects", "ref": "scope.act_types"}, {"telesoin"}, Outcome.HELD),
        ({"op": "contains", "value": "autre"}, ["autre"], Outcome.HELD),
        ({"op": "eq", "value": False}, False, Outcome.HELD),
        ({"op": "filled"}, "texte", Outcome.HELD),
        ({"op": "filled"}, "", Outcome.BROKEN),
        ({"op": "filled"}, None, Outcome.BROKEN),
        ({"op": "lte", "ref": "calendar.submission_deadline"}, CLOSING, Outcome.HELD),
        ({"op": "gte", "value": date(2024, 4, 1)}, date(2024, 3, 31), Outcome.BROKEN),
    ],
)
def test_each_operator_answers(data: dict[str, Any], value: object, outcome: Outcome) -> None:
    assert judge({"field": "x", **data}, {"x": value}).outcome is outcome


def test_the_closing_is_strict_to_the_microsecond() -> None:
    rule = {"field": "submitted_at", "op": "lte", "ref": "calendar.submission_deadline"}
    assert judge(rule, {"submitted_at": CLOSING}).is_held
    assert judge(rule, {"submitted_at": CLOSING.replace(microsecond=1)}).outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ({"field": "x", "op": "eq", "value": 1}, {}),
        ({"field": "x", "op": "eq", "value": 1}, {"x": None}),
        ({"field": "x", "op": "filled"}, {}),
        ({"field": "x", "op": "lt", "value": 1}, {"x": "un mot"}),
        ({"field": "x", "op": "eq", "value": True}, {"x": 1}),
        ({"field": "x", "op": "eq", "field2": "y"}, {"x": 1}),
        ({"field": "x", "op": "lte", "ref": "calendar.nothing"}, {"x": CLOSING}),
        ({"field": "x", "op": "lte", "ref": "calendar.submission_deadline"}, {"x": CLOSING.replace(tzinfo=None)}),
        ({"rule": "never_registered"}, {}),
    ],
)
def test_what_is_missing_or_of_another_nature_is_unknown_never_held(
    data: dict[str, Any], facts: dict[str, object]
) -> None:
    assert judge(data, facts).outcome is Outcome.UNKNOWN


LOGIC = {Outcome.HELD: {"field": "a", "op": "eq", "value": 1}, Outcome.BROKEN: {"field": "a", "op": "eq", "value": 2}}
LOGIC[Outcome.UNKNOWN] = {"field": "absent", "op": "eq", "value": 1}


@given(st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=4))
def test_all_and_any_follow_three_valued_logic(outcomes: list[Outcome]) -> None:
    parts = [LOGIC[outcome] for outcome in outcomes]
    rank = {Outcome.BROKEN: 0, Outcome.UNKNOWN: 1, Outcome.HELD: 2}
    assert judge({"all": parts}, {"a": 1}).outcome is min(outcomes, key=rank.__getitem__)
    assert judge({"any": parts}, {"a": 1}).outcome is max(outcomes, key=rank.__getitem__)


def test_the_explanation_says_what_broke_and_with_which_value() -> None:
    verdict = judge(
        {
            "all": [
                {"field": "duration_months", "op": "between", "value": [12, 24]},
                {"field": "ok", "op": "eq", "value": True},
            ]
        },
        {"duration_months": 8, "ok": True},
    )
    assert verdict.because == "parce que « duration_months » n'est pas compris entre 12 et 24 (valeur : 8)"
    assert verdict.facts == {"duration_months": 8, "ok": True}


def test_a_late_submission_is_explained_by_time() -> None:
    late = CLOSING.replace(hour=12)
    verdict = judge(
        {"field": "submitted_at", "op": "lte", "ref": "calendar.submission_deadline"}, {"submitted_at": late}
    )
    assert verdict.because.startswith("parce que « submitted_at » est après calendar.submission_deadline")


def test_a_named_rule_is_computed_by_whoever_registered_it() -> None:
    def compute(call: rules.NamedCall, facts: Mapping[str, object], _refs: object) -> Verdict:
        count, least = facts["count"], call.argument("min")
        assert isinstance(count, int)
        assert isinstance(least, Decimal)
        return rules.held("il y en a assez") if count >= least else rules.broken("il en manque")

    named = {"partners": NamedRule(PARTNERS, compute)}
    assert judge({"rule": "partners", "min": 2}, {"count": 2}, named).because == "parce qu'il y en a assez"
    assert judge({"rule": "partners", "min": 2}, {"count": 1}, named).outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("texte", ["r"]),
        ({}, ["r"]),
        ({"field": "x", "op": "egal", "value": 1}, ["r.op"]),
        ({"field": "x"}, ["r"]),
        ({"field": "x", "op": "eq"}, ["r"]),
        ({"field": "x", "op": "eq", "value": 1, "ref": "a.b"}, ["r"]),
        ({"field": "x", "op": "in", "value": "seul"}, ["r.value"]),
        ({"field": "x", "op": "eq", "value": [1]}, ["r.value"]),
        ({"field": "x", "op": "between", "value": [24, 12]}, ["r.value"]),
        ({"field": "x", "op": "between", "value": [1]}, ["r.value"]),
        ({"field": "x", "op": "lt", "value": "12"}, ["r.value"]),
        ({"field": "x", "op": "eq", "value": 1.5}, ["r.value"]),
        ({"field": "x", "op": "filled", "value": 1}, ["r.value"]),
        ({"all": []}, ["r.all"]),
        ({"all": [{"field": "x", "op": "filled"}], "any": []}, ["r"]),
        ({"any": [{"field": "x", "op": "nul"}, {"rule": "partenaires", "min": 2}]}, ["r.any[0].op", "r.any[1].rule"]),
        ({"rule": "partners"}, ["r"]),
        ({"rule": "partners", "min": "deux"}, ["r.min"]),
        ({"rule": "partners", "min": 2, "includes": ["cpts"]}, ["r.includes"]),
        ({"rule": "partners", "min": 2, "including": []}, ["r.including"]),
        ({"field": "x", "op": "eq", "value": 1, "valeur": 2}, ["r.valeur"]),
    ],
)
def test_every_fault_is_told_at_its_place(data: object, places: list[str]) -> None:
    with pytest.raises(InvalidError) as raised:
        rules.parse(data, "r", SIGNATURES)
    assert sorted({problem.place for problem in raised.value.problems}) == sorted(places)


def test_depth_is_bounded() -> None:
    data: dict[str, Any] = {"field": "x", "op": "filled"}
    for _ in range(50):
        data = {"all": [data]}
    with pytest.raises(InvalidError, match="pas lisible"):
        rules.parse(data)


def test_nothing_is_ever_executed() -> None:
    hostile = "__import__('os').abort()"
    verdict = judge({"field": hostile, "op": "eq", "value": hostile}, {hostile: hostile})
    assert verdict.is_held


SCALARS = st.one_of(
    st.booleans(),
    st.text(max_size=8),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000),
    st.dates(),
)
LEAVES = st.one_of(
    st.builds(lambda v: {"field": "x", "op": "eq", "value": v}, SCALARS),
    st.builds(lambda v: {"field": "x", "op": "in", "value": v}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.just({"field": "x", "op": "eq", "field2": "y"}),
    st.just({"rule": "partners", "min": 2, "including": ["cpts"]}),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda head, parts: {head: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
).filter(lambda data: _depth(data) <= 6)


def _depth(data: Mapping[str, Any]) -> int:
    inner = data.get("all") or data.get("any") or []
    return 1 + max((_depth(part) for part in inner), default=0)


@given(RULES)
def test_a_rule_is_written_back_as_it_was_read(data: dict[str, Any]) -> None:
    rule = rules.parse(data, "", SIGNATURES)
    assert rules.parse(rules.to_data(rule)) == rule


@given(RULES, st.dictionaries(st.sampled_from(["x", "y"]), SCALARS))
def test_any_rule_over_any_facts_has_an_answer_and_a_sentence(data: dict[str, Any], facts: dict[str, object]) -> None:
    verdict = judge(data, facts)
    assert verdict.because.startswith("parce qu")
    assert rules.describe(rules.parse(data))


def test_a_rule_says_what_it_reads() -> None:
    rule = rules.parse(
        {"any": [{"field": "a", "op": "eq", "field2": "b"}, {"field": "a", "op": "in", "ref": "scope.act_types"}]}
    )
    assert rules.fields_of(rule) == ("a", "b")
    assert rules.references_of(rule) == ("scope.act_types",)


def test_a_condition_is_worded_for_the_applicant() -> None:
    rule = rules.parse({"all": [{"field": "n", "op": "lt", "value": 3}, {"rule": "partners", "min": 2}]})
    assert rules.describe(rule) == "« n » est inférieur à 3 et la règle partners est respectée"
