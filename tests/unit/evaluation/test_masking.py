"""Small counts of people are hidden in what is published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aap.evaluation.masking import Publication, masked

RULE = Publication()


@pytest.mark.parametrize("unit", ["personnes", "Patients", "résidents", "patient", "personnes formées"])
def test_ten_people_are_hidden_and_eleven_are_not(unit: str) -> None:
    assert masked(Decimal(10), unit, RULE) == "< 11"
    assert masked(Decimal(0), unit, RULE) == "< 11"
    assert masked(Decimal(11), unit, RULE) == Decimal(11)


@pytest.mark.parametrize("unit", ["actes", "%", "pour 100 résidents", "jours", "€ par acte", ""])
def test_acts_rates_and_delays_are_never_hidden(unit: str) -> None:
    assert masked(Decimal(3), unit, RULE) == Decimal(3)


def test_a_survey_answered_by_too_few_people_is_hidden() -> None:
    assert masked(Decimal("8.4"), "note /10", RULE, n=7) == "masqué"
    assert masked(Decimal("8.4"), "note /10", RULE, n=88) == Decimal("8.4")


def test_nothing_measured_stays_nothing() -> None:
    assert masked(None, "personnes", RULE) is None


def test_the_call_sets_the_threshold_and_the_units() -> None:
    rule = Publication.of_document({"publication": {"mask_below": 6, "mask_units": ["professionnels"]}})
    assert masked(Decimal(5), "professionnels", rule) == "< 6"
    assert masked(Decimal(6), "professionnels", rule) == Decimal(6)
    assert masked(Decimal(3), "personnes", rule) == Decimal(3)


def test_a_call_that_names_no_unit_keeps_the_default_ones() -> None:
    rule = Publication.of_document({"publication": {"mask_below": 11, "mask_units": []}})
    assert masked(Decimal(4), "patients", rule) == "< 11"
