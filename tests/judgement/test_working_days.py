"""Working days follow the published Chinese calendar and are never guessed."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_days import (
    CalendarUnknown,
    is_working_day,
    published_days,
    published_years,
    shift,
    working_days,
    working_days_between,
)
from tests.judgement.facts import day

DAYS = st.dates(date(2006, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-06-11", "2024-06-12", 1),
        ("2024-06-11", "2024-06-19", 6),
        ("2024-09-11", "2024-09-12", 1),
        ("2024-06-11", "2024-06-11", 0),
        # The Dragon Boat holiday: Saturday to Monday.
        ("2024-06-07", "2024-06-10", 0),
        ("2024-06-07", "2024-06-11", 1),
        # A Saturday on which people work to make up for a holiday.
        ("2024-09-13", "2024-09-14", 1),
    ],
)
def test_the_day_of_departure_does_not_count_and_the_last_does(
    start: str, end: str, expected: int
) -> None:
    assert working_days_between(day(start), day(end)) == expected


def test_a_public_holiday_is_no_working_day_and_a_make_up_saturday_is_one() -> None:
    assert not is_working_day(day("2024-06-10"))
    assert is_working_day(day("2024-09-14"))


def test_an_unpublished_year_is_unknown() -> None:
    beyond = date(published_years()[-1] + 1, 3, 1)

    with pytest.raises(CalendarUnknown, match=str(beyond.year)):
        working_days_between(day("2024-06-11"), beyond)
    with pytest.raises(CalendarUnknown):
        shift(working_days()[-1], 1)


def test_shifting_by_nothing_stays_even_on_a_holiday() -> None:
    assert shift(day("2024-06-10"), 0) == day("2024-06-10")


def test_shifting_lands_on_working_days() -> None:
    assert shift(day("2024-06-07"), 1) == day("2024-06-11")
    assert shift(day("2024-06-10"), 1) == day("2024-06-11")
    assert shift(day("2024-06-11"), -1) == day("2024-06-07")


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(one: date, two: date, three: date) -> None:
    whole = working_days_between(one, three)

    assert working_days_between(one, two) + working_days_between(two, three) == whole
    assert working_days_between(three, one) == -whole


@given(DAYS, st.integers(1, 200))
def test_the_nth_working_day_after_a_day_has_n_working_days_up_to_it(start: date, by: int) -> None:
    end = shift(start, by)

    assert is_working_day(end)
    assert working_days_between(start, end) == by
    assert working_days_between(start, end - timedelta(days=1)) == by - 1


def test_the_days_are_those_of_the_library() -> None:
    days = list(published_days())

    assert (days[0], days[-1]) == (
        date(published_years()[0], 1, 1),
        date(published_years()[-1], 12, 31),
    )
    assert list(working_days()) == [each for each in days if chinese_calendar.is_workday(each)]
