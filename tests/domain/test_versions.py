from datetime import UTC, datetime, timedelta, timezone

import pytest
from domain.versions import natural_key, version_key
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_size(one: int, other: int) -> None:
    assert (version_key(str(one)) < version_key(str(other))) is (one < other)
    assert (version_key(f"v{one}") < version_key(f"v{other}")) is (one < other)


OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS)


@given(INSTANTS, INSTANTS)
def test_instants_sort_by_time_whatever_their_offset(one: datetime, other: datetime) -> None:
    written = version_key(one.isoformat()), version_key(other.isoformat())

    assert (written[0] < written[1]) is (one.astimezone(UTC) < other.astimezone(UTC))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2", "10"),
        ("1.9", "1.10"),
        ("r2", "r10"),
        ("2024-06-11T10:00:00+08:00", "2024-06-11T02:00:01Z"),
        ("2024-06-11T02:00:00Z", "2024-06-11T02:00:00.5Z"),
        ("2024-02-30T00:00:00Z", "2024-02-31T00:00:00Z"),
        ("2024-06-09", "2024-06-11"),
        ("", "0"),
    ],
)
def test_the_older_version_sorts_first(older: str, newer: str) -> None:
    assert version_key(older).encode() < version_key(newer).encode()


def test_the_same_instant_is_the_same_version() -> None:
    assert version_key("2024-06-11T10:00:00+08:00") == version_key("2024-06-11t02:00:00z")


@given(st.text(max_size=20), st.text(max_size=20))
def test_different_texts_have_different_keys_unless_only_zeros_differ(one: str, other: str) -> None:
    same = natural_key(one) == natural_key(other)

    assert same or one != other
