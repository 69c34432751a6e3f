from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from aap.awards.arithmetic import balance, is_late, lapse_day, pay_by, rate, split_subsidy, spread
from aap.french import percent

EUROS = Decimal


def test_the_example_is_paid_in_three_parts() -> None:
    shares = [EUROS("0.60"), EUROS("0.30"), EUROS("0.10")]
    assert split_subsidy(EUROS(112500), shares) == (EUROS(67500), EUROS(33750), EUROS(11250))


@pytest.mark.parametrize("subsidy", ["100.00", "0.01", "99999.99", "112500.01", "33.34"])
def test_no_cent_is_lost_in_the_parts(subsidy: str) -> None:
    third = EUROS("0.3333")
    parts = split_subsidy(EUROS(subsidy), [third, third, third])
    assert sum(parts) == EUROS(subsidy)
    assert all(part == round(part, 2) for part in parts)


def test_a_half_cent_goes_up_and_the_last_part_takes_the_difference() -> None:
    assert split_subsidy(EUROS("0.05"), [EUROS("0.5"), EUROS("0.5")]) == (EUROS("0.03"), EUROS("0.02"))


def test_parts_need_a_positive_share() -> None:
    with pytest.raises(ValueError, match="share"):
        split_subsidy(EUROS(10), [])


def test_the_rate_of_the_example_is_shown_to_two_decimals() -> None:
    assert rate(EUROS(112500), EUROS(164040)) == Fraction(112500, 164040)
    assert percent(rate(EUROS(112500), EUROS(164040)), 2) == "68,58\u00a0%"


def test_sums_lapse_at_the_end_of_the_third_year_after_the_notification() -> None:
    assert lapse_day(datetime(2024, 2, 7, 8, tzinfo=UTC)) == date(2027, 12, 31)


def test_the_year_of_the_notification_is_read_in_paris() -> None:
    assert lapse_day(datetime(2023, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 12, 31)


def test_the_balance_of_the_example() -> None:
    result = balance(
        spent_eur=EUROS(158900), budget_eur=EUROS(164040), subsidy_eur=EUROS(112500), paid_eur=EUROS(101250)
    )
    assert result.subsidy_due_eur == EUROS("108974.95")
    assert result.balance_eur == EUROS("7724.95")
    assert result.to_reverse_eur == 0


def test_spending_more_than_planned_gives_no_more_than_the_contract() -> None:
    result = balance(
        spent_eur=EUROS(200000), budget_eur=EUROS(164040), subsidy_eur=EUROS(112500), paid_eur=EUROS(101250)
    )
    assert result.balance_eur == EUROS(11250)


def test_an_overpayment_is_to_be_paid_back() -> None:
    result = balance(
        spent_eur=EUROS(82020), budget_eur=EUROS(164040), subsidy_eur=EUROS(112500), paid_eur=EUROS(101250)
    )
    assert result.balance_eur == EUROS(-45000)
    assert result.to_reverse_eur == EUROS(45000)


def test_a_half_cent_of_balance_goes_up() -> None:
    result = balance(spent_eur=EUROS("0.01"), budget_eur=EUROS(2), subsidy_eur=EUROS(1), paid_eur=EUROS(0))
    assert result.balance_eur == EUROS("0.01")


def test_payment_is_late_after_sixty_days() -> None:
    unlocked = datetime(2024, 3, 27, 13, tzinfo=UTC)
    assert pay_by(unlocked) == date(2024, 5, 26)
    assert not is_late(unlocked, datetime(2024, 5, 26, 20, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert is_late(unlocked, datetime(2024, 5, 27, 8, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert is_late(unlocked, None, datetime(2024, 5, 27, 8, tzinfo=UTC))
    assert not is_late(None, None, datetime(2025, 1, 1, tzinfo=UTC))


def test_what_remains_goes_to_the_first_ranks_first() -> None:
    assert spread(EUROS("7724.95"), [EUROS(11250)]) == (EUROS("7724.95"),)
    assert spread(EUROS(40000), [EUROS(33750), EUROS(11250)]) == (EUROS(33750), EUROS(6250))
    assert spread(EUROS(-5), [EUROS(33750), EUROS(11250)]) == (EUROS(0), EUROS(0))
    assert spread(EUROS(50000), [EUROS(33750), EUROS(11250)]) == (EUROS(33750), EUROS(16250))


def test_the_sixty_days_run_from_the_day_of_paris() -> None:
    """Unlocked at half past eleven at night, UTC: in Paris it is already the next day."""
    assert pay_by(datetime(2024, 3, 30, 23, 30, tzinfo=UTC)) == date(2024, 5, 30)
