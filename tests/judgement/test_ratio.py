"""The published ratios come out exactly, and rounding happens once."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ratio import Change, Ratio, half_up


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        ("475.7", "383.0", "124.2"),
        ("82.4", "58.03", "142.0"),
        ("82.40", "58.00", "142.1"),
        ("292.1", "206.0", "141.8"),
        ("629.0", "647.4", "97.2"),
        ("42", "45", "93.3"),
        ("45", "45", "100.0"),
        ("110", "110", "100.0"),
        ("155", "180", "86.1"),
        ("1220.1", "2166", "56.3"),
        ("23", "45", "51.1"),
        ("17", "45", "37.8"),
        ("561", "600", "93.5"),
    ],
)
def test_a_published_rate_is_printed_as_published(
    numerator: str, denominator: str, percent: str
) -> None:
    assert Ratio(Decimal(numerator), Decimal(denominator)).percent() == Decimal(percent)


def test_a_rate_over_nothing_is_not_applicable() -> None:
    assert Ratio(0, 0).percent() is None
    assert Ratio(5, 0).percent() is None
    assert Ratio(0, 5).percent() == 0


def test_an_exact_hundred_shows_its_place() -> None:
    assert str(Ratio(45, 45).percent()) == "100.0"


def test_a_tie_goes_away_from_zero_and_is_rounded_once() -> None:
    assert half_up(Decimal("0.25"), 1) == Decimal("0.3")
    assert half_up(Decimal("-0.25"), 1) == Decimal("-0.3")
    # Rounding to two places first would give 0.5 and then 1.
    assert half_up(Decimal("0.4999"), 0) == 0


def test_twenty_four_steps_cut_to_thirteen_are_45_8_percent_fewer() -> None:
    assert Change(24, 13).cut().percent() == Decimal("45.8")


@pytest.mark.parametrize(
    ("before", "after", "ratio", "increase"),
    [("0.6", "2.9", "4.83", "3.83"), ("5", "60", "12", "11")],
)
def test_times_as_much_and_times_more_are_both_told(
    before: str, after: str, ratio: str, increase: str
) -> None:
    change = Change(Decimal(before), Decimal(after))

    assert change.ratio() == Decimal(ratio)
    assert change.increase() == Decimal(increase)


def test_the_difference_of_two_rates_is_in_points() -> None:
    assert Change(70, 90).points() == 20


def test_nothing_before_leaves_ratio_and_increase_open() -> None:
    assert Change(0, 5).ratio() is None
    assert Change(0, 5).increase() is None


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1e9, max_value=1e9),
    st.integers(0, 4),
)
def test_rounding_agrees_with_the_decimal_library(value: Decimal, digits: int) -> None:
    with localcontext() as context:
        context.prec = 50
        expected = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    assert half_up(value, digits) == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**12), st.integers(0, 6))
def test_rounding_moves_a_quotient_by_at_most_half_a_unit(
    top: int, bottom: int, digits: int
) -> None:
    exact = Fraction(top, bottom)

    assert abs(Fraction(half_up(exact, digits)) - exact) <= Fraction(1, 2 * 10**digits)
