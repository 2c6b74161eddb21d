"""Permit cases: their state, and working days counted while the statutory clock runs."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.kinds.permits import STATUS_NAMES
from domain.working_days import is_working_day
from tests.judgement.facts import fact, permit
from tests.projections.asking import Row
from tests.projections.life import project, telling

FIRST = date(2024, 9, 2)
ENDS = {2, 4, 5, 11, 12, 13, 14, 15}


def reported(status: int, on: str, **changes: Any) -> Fact:
    return fact("PermitStatusReported", on, case_no="c1", status=status, **changes)


def registered() -> Fact:
    return fact("ProjectRegistered", "2024-01-05", district="320582")


def cases(connection: Connection[Any], on: str) -> list[Row]:
    return project(connection, "p1", on).many("permits")


def test_the_clock_stands_still_during_corrections(read_models: Connection[Any]) -> None:
    facts = [
        registered(),
        reported(1, "2024-09-02"),
        reported(3, "2024-09-03", deadline_workdays=5),
        reported(6, "2024-09-05"),
        reported(7, "2024-09-10"),
        reported(8, "2024-09-11"),
        permit("construction_permit", "2024-09-13", case_no="c1", stage="piling"),
    ]

    with telling(read_models, facts) as connection:
        (before,) = cases(connection, "2024-09-11")
        (after,) = cases(connection, "2024-12-31")

        assert (before("status"), before("status_name")) == ("8", "department accepted")
        assert (before("workdays_used"), before("deadline_workdays")) == ("3", "5")
        assert before("issued_on") is None
        assert (after("workdays_used"), after("status"), after("stage")) == ("5", "11", "piling")
        assert after("issued_on") == "2024-09-13"


def test_no_count_without_acceptance_or_with_a_coarse_date(read_models: Connection[Any]) -> None:
    unaccepted = [registered(), reported(1, "2024-09-02"), reported(6, "2024-09-03")]
    coarse = [registered(), reported(3, "2024-08"), reported(11, "2024-09-03")]
    simulated = [registered(), reported(3, "2026-12-30", simulated=True)]

    for facts, on in (
        (unaccepted, "2024-10-01"),
        (coarse, "2024-10-01"),
        (simulated, "2027-01-04"),
    ):
        with telling(read_models, facts) as connection:
            (case,) = cases(connection, on)

            assert case("workdays_used") is None


def used(steps: list[tuple[date, int]], on: date) -> int | None:
    """Walk day by day; a day counts when the clock runs at its beginning."""
    if not any(status in {3, 8} for _, status in steps):
        return None
    total, day = 0, FIRST
    while day <= on:
        total += is_working_day(day) and _runs([s for d, s in steps if d < day])
        day += timedelta(days=1)
    return total


def _runs(statuses: list[int]) -> bool:
    accepted = any(status in {3, 8} for status in statuses)
    ended = any(status in ENDS for status in statuses)
    halts = [[s for s in statuses if s in pair] for pair in ({6, 7}, {9, 10})]
    return accepted and not ended and not any(halt and halt[-1] in {6, 9} for halt in halts)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number)),
            st.sampled_from(tuple(STATUS_NAMES)),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda step: step[0],
    )
)
def test_working_days_are_those_of_a_daily_walk(
    read_models: Connection[Any], steps: list[tuple[date, int]]
) -> None:
    on = date(2024, 11, 15)
    facts = [registered(), *(reported(status, day.isoformat()) for day, status in steps)]

    with telling(read_models, facts) as connection:
        (case,) = cases(connection, on.isoformat())
        found = case("workdays_used")

        assert (None if found is None else int(found)) == used(sorted(steps), on)
        assert case("status") == str(max(steps)[1])
