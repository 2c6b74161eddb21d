"""Lead times are exact for exact days and intervals for coarse ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flexdate import Precision
from domain.lead_time import distribution, lead_time
from tests.judgement.facts import flex


def test_kecai_took_eight_days_of_which_six_were_worked() -> None:
    took = lead_time(flex("2024-06-11"), flex("2024-06-19"))

    assert (took.calendar_days, took.workdays, took.precision) == (8, 6, Precision.DAY)


def test_daxin_took_one_day() -> None:
    took = lead_time(flex("2024-09-11"), flex("2024-09-12"))

    assert (took.calendar_days, took.workdays) == (1, 1)


def test_a_coarse_end_gives_an_interval_and_no_number() -> None:
    took = lead_time(flex("2024-09-11"), flex("2024-09"))

    assert (took.days_min, took.days_max) == (-10, 19)
    assert took.calendar_days is None
    assert took.workdays is None
    assert took.precision is Precision.MONTH


def test_an_instant_counts_as_its_day_in_beijing() -> None:
    took = lead_time(flex("2024-06-11T23:30:00+08:00"), flex("2024-06-11T16:30:00Z"))

    assert (took.calendar_days, took.precision) == (1, Precision.DAY)


def test_working_days_beyond_the_calendar_stay_open() -> None:
    took = lead_time(flex("2024-06-11"), flex("2093-06-11"))

    assert took.calendar_days == 25202
    assert took.workdays is None


def test_quantiles_are_values_that_occurred() -> None:
    spread = distribution([40, 10, None, 30, 20])

    assert (spread.n, spread.excluded_for_precision) == (4, 1)
    assert [spread.quantile(q) for q in (0, 25, 50, 75, 90, 100)] == [10, 10, 20, 30, 40, 40]


def test_nothing_measured_has_no_quantiles_and_no_bars() -> None:
    spread = distribution([None])

    assert spread.quantile(50) is None
    assert spread.histogram(5) == []


def test_equal_values_make_one_bar() -> None:
    (only,) = distribution([8, 8]).histogram(10)

    assert (only.since, only.until, only.count) == (8, 8, 2)


def test_the_last_bar_includes_its_end() -> None:
    bars = distribution([0, 1, 5, 10]).histogram(2)

    assert [(bar.since, bar.until, bar.count) for bar in bars] == [(0, 5, 2), (5, 10, 2)]


@given(st.lists(st.integers(-50, 400), min_size=1), st.integers(1, 20))
def test_bars_hold_every_value_once(values: list[int], bins: int) -> None:
    bars = distribution(values).histogram(bins)

    assert sum(bar.count for bar in bars) == len(values)
    assert bars[0].since == min(values)
    assert bars[-1].until == max(values)


@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_at_least_q_percent_lie_at_or_below_the_quantile(values: list[int], percent: int) -> None:
    found = distribution(values).quantile(percent)

    assert found in values
    below = [value for value in values if value <= found]
    strictly = [value for value in values if value < found]
    assert 100 * len(below) >= percent * len(values) > 100 * len(strictly) - 100


@pytest.mark.parametrize("text", ["2024", "2024-H2", "2024-Q3", "2024-06", "2024-06-11"])
def test_the_interval_of_a_date_to_itself_contains_zero(text: str) -> None:
    took = lead_time(flex(text), flex(text))

    assert took.days_min <= 0 <= took.days_max
