from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.flexdate import BEIJING, FlexDate, Precision, beijing_day, not_after

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
MOMENTS = st.datetimes(
    datetime.fromisoformat("1900-01-02"),
    datetime.fromisoformat("2199-12-30"),
    timezones=st.just(UTC),
)
TEXTS = st.one_of(
    DAYS.map(date.isoformat),
    DAYS.map(lambda day: day.isoformat()[:7]),
    DAYS.map(lambda day: f"{day.year}-Q{(day.month + 2) // 3}"),
    DAYS.map(lambda day: f"{day.year}-H{(day.month + 5) // 6}"),
    DAYS.map(lambda day: f"{day.year}"),
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2024-06-11", date(2024, 6, 11), date(2024, 6, 11), Precision.DAY),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), Precision.MONTH),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30), Precision.QUARTER),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31), Precision.HALF),
        ("2022", date(2022, 1, 1), date(2022, 12, 31), Precision.YEAR),
        ("2024-06-10T16:00:00Z", date(2024, 6, 11), date(2024, 6, 11), Precision.INSTANT),
        ("2024-06-11T23:59:59+08:00", date(2024, 6, 11), date(2024, 6, 11), Precision.INSTANT),
    ],
)
def test_a_date_covers_its_days(
    text: str, earliest: date, latest: date, precision: Precision
) -> None:
    read = FlexDate.parse(text)

    assert (read.earliest, read.latest, read.precision) == (earliest, latest, precision)
    assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29",
        "2024-13",
        "2024-00",
        "2024-Q5",
        "2024-H3",
        "2024-6-1",
        "24-06",
        "2024-06-11T10:00:00",
        "2024-06-11T25:00:00Z",
        "2024-06-11T10:00:00+08",
        "2024-06-11 10:00",
        "2024-06-11T10:00:60Z",
        "0000",
        "0001-01-01T00:00:00+14:00",
        "",
        " 2024",
        "２０２４",
        "2024-06-11\n",
        "9999-12-31T23:59:59Z",
    ],
)
def test_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        FlexDate.parse(text)

    assert refused.value.code == "invalid_date"


@given(TEXTS)
def test_the_days_of_a_date_begin_with_its_year_and_run_forward(text: str) -> None:
    read = FlexDate.parse(text)

    assert read.earliest <= read.latest
    assert read.earliest.year == read.latest.year == int(text[:4])
    assert read.latest - read.earliest < timedelta(days=366)


@given(DAYS)
def test_a_coarser_date_contains_the_finer_one(day: date) -> None:
    texts = [
        day.isoformat(),
        day.isoformat()[:7],
        f"{day.year}-Q{(day.month + 2) // 3}",
        f"{day.year}-H{(day.month + 5) // 6}",
        f"{day.year}",
    ]
    dates = [FlexDate.parse(text) for text in texts]

    for finer, coarser in pairwise(dates):
        assert coarser.earliest <= finer.earliest
        assert finer.latest <= coarser.latest
        assert finer.precision < coarser.precision


@given(MOMENTS)
def test_an_instant_belongs_to_its_day_in_beijing(instant: datetime) -> None:
    read = FlexDate.parse(instant.isoformat())

    assert read.instant == instant
    assert read.earliest == read.latest == instant.astimezone(BEIJING).date()
    assert read.earliest == beijing_day(instant)


@given(TEXTS, TEXTS)
def test_an_order_is_claimed_only_if_every_pair_of_days_has_it(one: str, other: str) -> None:
    a, b = FlexDate.parse(one), FlexDate.parse(other)
    always = a.latest <= b.earliest
    never = a.earliest > b.latest

    assert not_after(a, b) is (True if always else False if never else None)


def test_a_month_against_a_day_inside_it_is_undecidable() -> None:
    assert not_after(FlexDate.parse("2024-09"), FlexDate.parse("2024-09-12")) is None
    assert not_after(FlexDate.parse("2024-09-12"), FlexDate.parse("2024-09-12")) is True
