from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.versions import natural_key, unique_key, version_key


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_size(one: int, other: int) -> None:
    assert (version_key(str(one)) < version_key(str(other))) is (one < other)
    assert (version_key(f"v{one}") < version_key(f"v{other}")) is (one < other)


OFFSETS = st.integers(-14 * 4, 14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01"), timezones=OFFSETS
)


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


NUMBERED = st.text("0123a-", max_size=6)


@given(NUMBERED, NUMBERED)
def test_a_unique_key_belongs_to_one_text(one: str, other: str) -> None:
    assert (unique_key(one) == unique_key(other)) is (one == other)


def test_a_unique_key_sorts_as_the_natural_key_does() -> None:
    assert unique_key("r2") == natural_key("r2")
    assert unique_key("r02").startswith(natural_key("r2"))
