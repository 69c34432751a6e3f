"""What separates two files of the same total, in words that a person can check."""

from __future__ import annotations

from fractions import Fraction

import pytest

from aap.jury.tie_words import separation_sentence, tie_sentences
from aap.scoring.ties import Separation, Separator, Tie

LABELS = {"C2": "Projet médical"}


def between(by: Separator, key: str | None = None, above: Fraction | None = None, below: Fraction | None = None) -> str:
    return separation_sentence(Separation("D1", "D2", by, key, above, below), LABELS, 2).replace("\u202f", " ")


def test_a_criterion_is_named_with_both_means() -> None:
    said = between(Separator.CRITERION, "C2", Fraction(11, 3), Fraction(10, 3))
    assert said == "D1 passe avant D2 : moyenne de 3,67 contre 3,33 au critère « Projet médical »."


def test_means_that_round_alike_are_told_exactly() -> None:
    said = between(Separator.CRITERION, "C2", Fraction(10001, 3000), Fraction(10, 3))
    assert "10001/3000 contre 10/3" in said


def test_a_file_without_a_mean_comes_last_and_it_is_said() -> None:
    assert "seul à avoir une moyenne" in between(Separator.CRITERION, "C2", Fraction(3), None)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("requested_eur", "le montant demandé décide (1 000 € contre 2 000,50 €)"),
        ("requested_rate", "le taux d’aide demandé décide (100 000,00 % contre 200 050,00 %)"),
        ("population", "la population concernée décide (1000 contre 2000,5)"),
    ],
)
def test_a_fact_is_told_in_its_unit(key: str, said: str) -> None:
    found = between(Separator.FACT, key, Fraction(1000), Fraction(4001, 2)).replace("\u00a0", " ")
    assert said in found


def test_the_draw_and_what_nothing_separates() -> None:
    assert "le tirage au sort décide" in between(Separator.DRAW)
    assert between(Separator.NOTHING).startswith("D1 et D2 partagent leur rang")
    tie = Tie(None, Fraction(12), ("D1", "D2"), (Separation("D1", "D2", Separator.DRAW, None, None, None),))
    assert tie_sentences(tie, LABELS, 2) == (between(Separator.DRAW),)
