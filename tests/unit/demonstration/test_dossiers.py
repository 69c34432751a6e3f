"""What the applications of the living instance say: budgets that balance, texts that fit, the same at each load."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from aap.demonstration.examples import read_tree
from aap.demonstration.living.budget import RATES, make_budget
from aap.demonstration.living.dossiers import Dossier, list_dossiers, themes, write_answers
from aap.demonstration.structures import BY_KEY

GROUPS = ("earlier", "projects", "deliberation", "marking", "open")
START = date(2024, 4, 1)
DOSSIERS = [dossier for group in GROUPS for dossier in list_dossiers(group)]


def _fields() -> dict[str, dict[str, Any]]:
    sections = read_tree("call.yaml")["call"]["form"]["sections"]
    return {field["id"]: field for section in sections for field in section["fields"]}


def test_there_are_forty_nine_beside_the_case() -> None:
    assert len(DOSSIERS) == 49
    assert {dossier.who for dossier in DOSSIERS} | {"valfleuri"} == set(BY_KEY)
    assert {dossier.theme for dossier in DOSSIERS} <= set(themes()["themes"])


@pytest.mark.parametrize("dossier", DOSSIERS, ids=lambda dossier: f"{dossier.who}-{dossier.theme}-{dossier.end}")
def test_every_field_of_the_form_is_answered_within_its_bounds(dossier: Dossier) -> None:
    answers = write_answers(dossier, START)
    for key, field in _fields().items():
        if field["type"] == "computed":
            continue
        assert key in answers, key
        if field["type"] in {"text", "longtext"} and "max" in field:
            assert 0 < len(answers[key]) <= field["max"], key
            assert "{" not in answers[key], key


@pytest.mark.parametrize("zone", RATES)
@pytest.mark.parametrize("sites", [2, 3])
def test_budgets_balance_under_every_limit_of_the_call(zone: str | None, sites: int) -> None:
    funding = read_tree("call.yaml")["call"]["funding"]
    cap = Decimal(funding["cap_eur"][0 if sites < 3 else 1]["max"])
    rate = funding["max_rate_by_zone"][zone or "hors_zone"]
    for seed in range(40):
        budget = make_budget(Random(seed), sites, zone, "Chariot")
        total = sum(line["amount"] for line in budget["lines"])
        asked = sum(line["ars_share"] for line in budget["lines"])
        assert sum(row["amount"] for row in budget["income"]) == total
        assert budget["income"][0]["amount"] == asked <= min(cap, total * rate)
        assert all(line["ars_share"] <= line["amount"] == line["qty"] * line["unit_price"] for line in budget["lines"])
        assert budget["income"][-1]["amount"] >= total * funding["cofunding"]["own_share_min"]
        for rule in funding["category_rules"]:
            lines = [line for line in budget["lines"] if line["category"] == rule["category"]]
            assert sum(line["ars_share"] for line in lines) <= asked * rule.get("max_share_of_subsidy", 1)
            assert sum(line["amount"] for line in lines) >= total * rule.get("min_share_of_total", 0)


def test_two_loads_say_the_same() -> None:
    assert [write_answers(dossier, START) for dossier in DOSSIERS] == [
        write_answers(dossier, START) for dossier in DOSSIERS
    ]
