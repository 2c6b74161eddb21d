"""How late sources report, from days that were corrected and days that are coarse."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from domain.envelope import Source
from domain.fact import Fact
from domain.flexdate import BEIJING
from tests.judgement.facts import fact
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import invested
from tests.projections.steering import adopted


def arrived(told: Fact, day: str, system: str = "tax") -> Fact:
    recorded = datetime.fromisoformat(f"{day}T00:30:00").replace(tzinfo=BEIJING)
    source = Source(system=system, record_id=told.source.record_id)
    return replace(told, recorded_at=recorded, source=source)


TOLD = [
    arrived(fact("LandAwarded", "2024-03-30"), "2024-03-31"),
    arrived(fact("LandAwarded", "2024-03-30"), "2024-04-01"),
    arrived(invested("p1", "2024-03", 5), "2024-04-10"),
    arrived(invested("p1", "2024-04", 5), "2024-04-29"),
    arrived(fact("LandAwarded", "2024-05-01"), "2024-05-01", "land"),
]


def told_of(connection: Connection[Any]) -> dict[str, tuple[str, ...]]:
    last = max(fact.position for fact in TOLD)
    connection.execute(
        "INSERT INTO ledger.heads (previous, size, edge, recorded_at)"
        " VALUES (0, %s, '', '2024-06-01')",
        (last,),
    )
    window = {"from": "2024-01-01T00:00:00+08:00", "to": "2024-12-31T23:59:59+08:00"}
    rows = ask(connection, "lateness", "2024-12-31", **window)
    names = ("events", "median_days", "p95_days", "after_quarter_close")
    return {row("source"): tuple(row(name) for name in names) for row in rows}


def test_lateness_counts_from_the_last_possible_day(read_models: Connection[Any]) -> None:
    with telling(read_models, TOLD) as connection:
        # Days of 1, 2, 10 and, for a report made before its month was over, 0.
        assert told_of(connection) == {"tax": ("4", "1", "10", "2"), "land": ("1", "0", "0", "0")}


def test_a_policy_leaves_time_after_the_quarter(read_models: Connection[Any]) -> None:
    rule = adopted("reporting", "quarter_close_days = 9")

    with telling(read_models, [*TOLD, rule]) as connection:
        assert told_of(connection)["tax"][3] == "1"


@pytest.mark.parametrize("window", [("2025-01-01", "2025-12-31"), ("2024-12-31", "2024-01-01")])
def test_a_window_without_facts_has_no_sources(
    read_models: Connection[Any], window: tuple[str, str]
) -> None:
    with telling(read_models, []) as connection:
        first, last = (f"{day}T00:00:00+08:00" for day in window)
        assert ask(connection, "lateness", "2024-12-31", **{"from": first, "to": last}) == []
