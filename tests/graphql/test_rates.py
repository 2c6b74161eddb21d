"""Points are spent before a question runs, and come back with time."""

from contextlib import suppress
from typing import Any

import pytest
from api.rates import Rate, Rates, TooFast
from hypothesis import given
from hypothesis import strategies as st


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


STEPS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 150), st.floats(0, 20)), max_size=50
)


@given(STEPS)
def test_nobody_gets_more_than_the_rate_and_the_burst(steps: list[tuple[str, int, float]]) -> None:
    time = Time()
    rates = Rates(Rate(points=5, burst=100), time)
    spent: dict[str, int] = {}
    for caller, cost, pause in steps:
        time.now += pause
        with suppress(TooFast):
            allowance = rates.take(caller, cost)
            assert allowance is not None
            assert 0 <= allowance.remaining <= allowance.limit
            spent[caller] = spent.get(caller, 0) + cost

    assert all(points <= 100 + 5 * time.now + 1e-6 for points in spent.values())


def test_what_was_refused_costs_nothing_and_passes_after_the_wait() -> None:
    time = Time()
    rates = Rates(Rate(points=10, burst=100), time)
    rates.take("a", 95)
    with pytest.raises(TooFast) as refused:
        rates.take("a", 30)

    time.now += refused.value.allowance.wait_seconds or 0
    allowance = rates.take("a", 30)

    assert refused.value.allowance.wait_seconds == 3
    assert allowance is not None
    assert allowance.remaining == 5


def test_others_have_their_own_points() -> None:
    rates = Rates(Rate(points=1, burst=10))
    rates.take("a", 10)

    with pytest.raises(TooFast):
        rates.take("a", 10)
    rates.take("b", 10)


def test_a_caller_may_have_a_rate_of_its_own() -> None:
    time = Time()
    rates = Rates(Rate(points=10, burst=100), time)
    rates.take("a", 100, points=1)

    time.now += 10
    with pytest.raises(TooFast):
        rates.take("a", 11, points=1)
    rates.take("a", 10, points=1)
    rates.take("b", 100)


def test_without_a_limit_nothing_is_counted() -> None:
    assert Rates(Rate()).take("a", 10**9) is None


def test_the_headers_say_what_is_left() -> None:
    allowance = Rates(Rate(points=10, burst=100), Time()).take("a", 25)

    assert allowance is not None
    headers: dict[Any, Any] = dict(allowance.headers())
    assert headers[b"ratelimit-limit"] == b"100"
    assert headers[b"ratelimit-remaining"] == b"75"
    assert headers[b"ratelimit-reset"] == b"3"
