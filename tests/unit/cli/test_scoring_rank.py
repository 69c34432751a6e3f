"""``aap scoring rank``: what an analyst hands in and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.scoring.case import ranking_document, read_case
from aap.scoring.ranking import rank as rank_cases
from tests.unit.cli.conftest import Aap, Answer

Rank = Callable[[Any], Answer]


@pytest.fixture
def rank(aap: Aap, tmp_path: Path) -> Rank:
    """Rank a case given as data, or as the text of the file."""

    def run(case: Any) -> Answer:
        path = tmp_path / "case.json"
        path.write_text(case if isinstance(case, str) else json.dumps(case), encoding="utf-8")
        return aap("scoring", "rank", path)

    return run


def case(*reviews: Any, weights: str = "1 1", **more: Any) -> dict[str, Any]:
    """One application « D1 » marked 0 to 5 by half points on A, B…; scale to 20."""
    criteria = [
        {"key": key, "weight": weight, "min": 0, "max": 5, "step": "0.5", "threshold": None}
        for key, weight in zip("ABCDE", weights.split(), strict=False)
    ]
    return {"criteria": criteria, "scale_to": 20, "applications": {"D1": list(reviews)}, **more}


def of(answer: Answer, ref: str = "D1") -> dict[str, Any]:
    found: dict[str, Any] = answer.json["applications"][ref]
    return found


def marks(text: str) -> dict[str, str | None]:
    return {key: None if mark == "-" else mark for key, mark in zip("ABCDE", text.split(), strict=False)}


def test_the_shape_and_the_defaults(rank: Rank) -> None:
    given_case = case(marks("4 3"), marks("3.5 4"), weights="2 1")
    assert rank(given_case).json == {
        "applications": {
            "D1": {
                "exact": "44/3",
                "shown": "14.67",
                "status": "ranked",
                "criterion_means": {"A": "15/4", "B": "7/2"},
                "under_threshold": [],
            }
        },
        "ranking": [{"rank": 1, "applications": ["D1"], "tied": False}],
    }


def test_numbers_may_be_texts_or_numbers_and_never_pass_through_a_float(rank: Rank) -> None:
    by_hand = """{"criteria": [{"key": "A", "weight": 0.1, "min": 0, "max": 10, "step": 0.1, "threshold": null},
        {"key": "B", "weight": ".2", "min": "0", "max": 10.0, "step": "0.1"},
        {"key": "C", "weight": "0,7", "min": 0, "max": 1e1}],
        "scale_to": "20", "overall_threshold": 12, "applications": {"D1": [{"A": 4, "B": 4.9, "C": "6.6"}]}}"""
    found = of(rank(by_hand))
    assert (found["exact"], found["shown"], found["status"]) == ("12/1", "12.00", "ranked")
    found = of(rank(by_hand.replace('"6.6"', "6.59999999999999999999999999999999")))
    assert (found["shown"], found["status"]) == ("12.00", "eliminated")


@pytest.mark.parametrize(("decimals", "shown"), [(0, "13"), (1, "12.5"), (2, "12.50"), ("3", "12.500")])
def test_shown_is_rounded_half_up(rank: Rank, decimals: object, shown: str) -> None:
    found = of(rank(case({"A": "2.5", "B": "3.75"}, decimals=decimals) | _steps(None)))
    assert (found["exact"], found["shown"]) == ("25/2", shown)


def _steps(step: str | None) -> dict[str, Any]:
    return {"criteria": [{"key": key, "weight": 1, "min": 0, "max": 5, "step": step} for key in "AB"]}


def test_not_applicable_renormalises_up_to_the_limit(rank: Rank) -> None:
    thirty = of(rank(case(marks("4 -"), weights="7 3")))
    assert (thirty["exact"], thirty["status"]) == ("16/1", "ranked")
    assert thirty["criterion_means"] == {"A": "4/1", "B": None}
    beyond = of(rank(case(marks("4 -"), weights="6.9 3.1")))
    assert beyond == {
        "exact": None,
        "shown": None,
        "status": "incomplete",
        "criterion_means": {"A": None, "B": None},
        "under_threshold": [],
    }
    assert of(rank(case(marks("4 -"), weights="1 1", na_limit="1/2")))["status"] == "ranked"
    assert of(rank(case(marks("- -"), na_limit=1)))["status"] == "incomplete"


def test_a_review_that_does_not_count_leaves_no_trace(rank: Rank) -> None:
    found = of(rank(case(marks("4 4"), marks("1 -"), min_reviews=1)))
    assert (found["exact"], found["criterion_means"]) == ("16/1", {"A": "4/1", "B": "4/1"})
    assert of(rank(case(marks("4 4"), marks("1 -"), min_reviews=2)))["status"] == "incomplete"


def test_weight_zero_is_information_only(rank: Rank) -> None:
    found = of(rank(case(marks("4 0"), marks("4 -"), weights="1 0")))
    assert (found["exact"], found["status"], found["criterion_means"]["B"]) == ("16/1", "ranked", "0/1")


def test_thresholds_are_strict_and_exact(rank: Rank) -> None:
    reached, missed = case(marks("4 3"), marks("3 3"), marks("4 3")), case(marks("4 3"), marks("3 3"), marks("3.5 3"))
    for each in (reached, missed):
        each["criteria"][0]["threshold"] = "11/3"
    assert of(rank(reached))["status"] == "ranked"
    assert of(rank(missed)) | {"shown": ""} == {
        "exact": "13/1",
        "shown": "",
        "status": "eliminated",
        "criterion_means": {"A": "7/2", "B": "3/1"},
        "under_threshold": ["A"],
    }
    assert rank(missed).json["ranking"] == []


def test_incomplete_takes_precedence_over_eliminated(rank: Rank) -> None:
    found = of(rank(case(marks("1 1"), overall_threshold=10, min_reviews=2)))
    assert (found["exact"], found["status"]) == ("4/1", "incomplete")


def test_the_raw_sum_has_its_own_threshold(rank: Rank) -> None:
    both = (marks("4 3"), marks("3 3"))
    assert of(rank(case(*both, overall_threshold_on_raw_sum="6.5")))["status"] == "ranked"
    low = of(rank(case(*both, overall_threshold_on_raw_sum="6.51")))
    assert (low["status"], low["under_threshold"]) == ("eliminated", [])
    refused = rank(case(marks("4 3"), marks("- 3"), overall_threshold_on_raw_sum=1)).refusal
    assert "applications.D1[1].A : « Sans objet » fausserait la somme brute." in refused


def test_ties_are_ranked_1_1_3_in_input_order_then_broken_by_criteria(rank: Rank) -> None:
    files = {"Z": [marks("4 2")], "low": [marks("1 1")], "A": [marks("2 4")], "none": []}
    answer = rank(case(applications=files)).json
    assert answer["ranking"] == [
        {"rank": 1, "applications": ["Z", "A"], "tied": True},
        {"rank": 3, "applications": ["low"], "tied": False},
    ]
    assert answer["applications"]["none"]["status"] == "incomplete"
    assert list(answer["applications"]) == list(files)
    broken = rank(case(applications=files, tie_break=["B"])).json
    assert [place["applications"] for place in broken["ranking"]] == [["A"], ["Z"], ["low"]]


def test_a_case_without_files_is_empty(rank: Rank) -> None:
    assert rank(case(applications={})).json == {"applications": {}, "ranking": []}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (case({"A": 4}), "applications.D1[0].B : Indiquez une note."),
        (case({"A": 4, "B": ""}), "applications.D1[0].B : Indiquez une note."),
        (case({"A": 4, "B": 4, "Z": 1}), "applications.D1[0].Z : Ce critère n'est pas dans la grille."),
        (case({"A": 4, "B": "3.25"}), "applications.D1[0].B : La note va de 0,5 en 0,5, à partir de 0."),
        (case({"A": 4, "B": 5.5}), "applications.D1[0].B : La note doit aller de 0 à 5."),
        (case({"A": 4, "B": -1}), "applications.D1[0].B : La note doit aller de 0 à 5."),
        (case({"A": 4, "B": "bon"}), "applications.D1[0].B : « bon » n'est pas un nombre."),
        (case({"A": 4, "B": True}), "applications.D1[0].B : On attend une note"),
        (case({"A": 4, "B": [4]}), "applications.D1[0].B : On attend une note"),
        (case([4, 4]), "applications.D1[0] : On attend un objet"),
        (case(applications={"D1": {"A": 4}}), "applications.D1 : On attend une liste"),
        (case(applications=[]), "applications : On attend un objet"),
        (case(min_review=2), "min_review : Cette clé est inconnue."),
        (case(tie_break=["Z"]), "tie_break : « Z » n'est pas un critère de la grille."),
        (case(tie_break="A"), "tie_break : On attend une liste"),
        (case(min_reviews=0), "min_reviews : Il faut au moins une évaluation par dossier."),
        (case(min_reviews=1.5), "min_reviews : On attend un nombre entier."),
        (case(decimals=13), "decimals : Le nombre de décimales affichées va de 0 à 12."),
        (case(na_limit=2), "na_limit : La part « sans objet » admise va de 0 à 1."),
        (case(scale_to=0), "scale_to : Le total le plus haut doit être supérieur à zéro."),
        (case(scale_to=None), "scale_to : On attend un nombre."),
        (case(scale_to=True), "scale_to : On attend un nombre."),
        (case(weights="0 0"), "criteria : Il faut au moins un critère dont le poids est supérieur à zéro."),
        (case(weights="-1 1"), "criteria[0].weight : Le poids ne peut pas être négatif."),
        (case(criteria=[{"key": "A", "weight": 1, "min": 0}]), "criteria[0].max : Cette clé manque."),
        (case(criteria=[{"key": "A", "weight": 1, "min": 5, "max": 5}]), "criteria[0].max : La note la plus haute"),
        (case(criteria=[{"key": 1, "weight": 1, "min": 0, "max": 5}]), "criteria[0].key : On attend un texte"),
        (case(criteria="A"), "criteria : On attend une liste"),
        ({"applications": {}}, "criteria : Cette clé manque."),
        ([], "On attend un objet"),
        ("null", "On attend un objet"),
        ("", "n'est pas du JSON : erreur à la ligne 1"),
        ('{"criteria": [],\n "scale_to" 3}', "erreur à la ligne 2"),
        ('{"scale_to": 20, "scale_to": 20}', "« scale_to » est écrit deux fois"),
        ('{"scale_to": NaN}', "« NaN » n'est pas un nombre."),
        ('{"scale_to": ' + "9" * 5000 + "}", "trop de chiffres"),
        ('{"scale_to": 1e999999999}', "scale_to : "),
        ("[" * 100_000, "Le fichier imbrique trop d'éléments."),
    ],
)
def test_what_cannot_be_ranked_is_refused_with_its_place(rank: Rank, broken: Any, said: str) -> None:
    assert said in rank(broken).refusal


def test_a_key_written_twice_in_a_review_is_refused(rank: Rank) -> None:
    text = json.dumps(case({"A": 4, "B": 4})).replace('{"A": 4, "B": 4}', '{"A": 4, "B": 4, "A": 5}')
    assert "« A » est écrit deux fois" in rank(text).refusal


def test_every_fault_is_said_at_once_up_to_fifty(rank: Rank) -> None:
    refused = rank(case(*({"A": 4} for _ in range(60)))).refusal.splitlines()
    assert refused[0] == "Ce cas ne peut pas être classé."
    assert refused[-1] == "… et 10 autres."
    assert len(refused) == 52


def test_a_file_that_is_not_there_or_not_text_is_refused(aap: Aap, tmp_path: Path) -> None:
    assert aap("scoring", "rank", tmp_path / "rien.json").refusal.endswith("le fichier n'existe pas.")
    assert aap("scoring", "rank", tmp_path).refusal.endswith("le fichier ne peut pas être lu.")
    (tmp_path / "latin.json").write_bytes(b'{"scale_to": "\xe9"}')
    assert "n'est pas un texte en UTF-8" in aap("scoring", "rank", tmp_path / "latin.json").refusal


half_points = st.integers(0, 10).map(lambda number: str(Fraction(number, 2)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["D1", "D2", "D3", "D4"]),
        st.lists(st.fixed_dictionaries({"A": half_points, "B": st.none() | half_points}), max_size=4),
        max_size=4,
    ),
    st.randoms(use_true_random=False),
    st.fractions(Fraction(1, 50), 50, max_denominator=50),
)
def test_a_document_ranks_alike_whatever_the_order_of_jurors_criteria_and_unit_of_weights(
    files: dict[str, list[dict[str, Any]]], random: Random, factor: Fraction
) -> None:
    first = case(applications=files, weights="8 2", tie_break=["B"], overall_threshold=4, min_reviews=2)
    moved = json.loads(json.dumps(first))
    random.shuffle(moved["criteria"])
    for row in moved["criteria"]:
        row["weight"] = str(Fraction(row["weight"]) * factor)
    for reviews in moved["applications"].values():
        random.shuffle(reviews)
    assert _ranked(moved) == _ranked(first)


def _ranked(document: Any) -> Any:
    read = read_case(json.dumps(document).encode())
    return ranking_document(rank_cases(read.rubric, read.cases, read.rules), read.rubric.decimals)
