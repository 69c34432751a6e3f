"""One spelling of money, numbers, dates and hours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from aap import french
from aap.clock import FixedClock, from_paris


def plain(text: str) -> str:
    return text.replace(french.THIN, " ").replace(french.HARD, " ")


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal(112500), "112 500 €"),
        (Decimal("7724.95"), "7 724,95 €"),
        (Decimal("0.00"), "0 €"),
        (Decimal("-12.50"), "−12,50 €"),
        (Decimal("1500000.00"), "1 500 000 €"),
        (None, "–"),
    ],
)
def test_euros(amount: Decimal | None, written: str) -> None:
    assert plain(french.euros(amount)) == written


def test_marks_round_half_up_from_the_exact_value() -> None:
    assert french.mark(Fraction(230, 3)) == "76,67"
    assert french.mark(Fraction(1, 200)) == "0,01"
    assert french.mark(Fraction(-1, 200)) == "−0,01"
    assert french.mark(Decimal("2.675")) == "2,68"


def test_a_ratio_is_a_percentage() -> None:
    assert plain(french.percent(Fraction(112500, 164040), 2)) == "68,58 %"
    assert plain(french.percent(Decimal("0.80"))) == "80 %"


def test_hours_are_those_of_paris_on_both_sides_of_the_change() -> None:
    summer = datetime(2023, 10, 29, 0, 30, tzinfo=UTC)
    winter = datetime(2023, 10, 29, 1, 30, tzinfo=UTC)
    assert plain(french.hour(summer)) == "2 h 30"
    assert plain(french.hour(winter)) == "2 h 30"
    assert plain(french.moment(datetime(2023, 11, 6, 11, 0, tzinfo=UTC))) == "lundi 6 novembre 2023 à 12 h"
    assert plain(french.hour(datetime(2023, 11, 6, 11, 0, 7, tzinfo=UTC))) == "12 h 00 min 07 s"


def test_an_ambiguous_closing_is_the_earlier_instant() -> None:
    assert from_paris(datetime(2023, 10, 29, 2, 30)) == datetime(2023, 10, 29, 0, 30, tzinfo=UTC)  # noqa: DTZ001  # a wall clock of Paris has no zone until it is read


def test_days_in_words_and_in_figures() -> None:
    assert plain(french.day(date(2024, 5, 1))) == "1er mai 2024"
    assert french.short_day(date(2024, 5, 1)) == "01/05/2024"
    assert french.month(date(2024, 4, 1)) == "avril 2024"
    assert french.day(None) == "–"


def test_counts_lists_and_sizes() -> None:
    assert plain(french.plural(0, "dossier")) == "0 dossier"
    assert plain(french.plural(1200, "dossier")) == "1 200 dossiers"
    assert french.listing(["a", "b", "c"]) == "a, b et c"
    assert french.listing([]) == ""
    assert plain(french.size(512)) == "512 octets"
    assert plain(french.size(1_400_000)) == "1,4 Mo"


def test_a_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2023, 10, 2))  # noqa: DTZ001  # that is what is refused


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2027, 3, 16), date(2027, 3, 16), "16 mars 2027"),
        (date(2027, 3, 16), date(2027, 3, 17), "16 et 17 mars 2027"),
        (date(2027, 3, 1), date(2027, 3, 14), "du 1er au 14 mars 2027"),
        (date(2027, 2, 28), date(2027, 3, 1), "du 28 février 2027 au 1er mars 2027"),
        (date(2026, 3, 1), date(2027, 3, 1), "du 1er mars 2026 au 1er mars 2027"),
    ],
)
def test_a_period_says_each_word_once(first: date, last: date, written: str) -> None:
    assert plain(french.period(first, last)) == written
