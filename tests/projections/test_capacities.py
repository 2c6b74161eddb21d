"""Capacity as reported, judged by the policy of the place and the day."""

from typing import Any

from psycopg import Connection

from tests.judgement.facts import fact
from tests.projections.life import project, telling
from tests.projections.money_and_lists import registered
from tests.projections.steering import adopted


def test_the_policy_says_from_where_on_capacity_is_reached(read_models: Connection[Any]) -> None:
    rule = adopted("capacity", "threshold_percent = 90\nwindow_months = 24", jurisdiction="3205")
    facts = [
        registered("p1"),
        registered("p2", "321102"),
        registered("none"),
        fact("CapacityReached", "2024-03-01", "p1", capacity_pct="95"),
        *(fact("CapacityReached", "2024-05", each, capacity_pct="86.50") for each in ("p1", "p2")),
    ]

    with telling(read_models, [*facts, rule]) as connection:

        def read(id_: str, on: str = "2024-12-31") -> tuple[Any, ...] | None:
            found = project(connection, id_, on).one("capacity")
            names = ("on", "percent", "threshold_percent", "window_months", "reached")
            return found and tuple(found(name) for name in names)

        assert read("p1") == ("2024-05", "86.5", "90", "24", "false")
        assert read("p1", "2024-05-30") == ("2024-03-01", "95", "90", "24", "true")
        assert read("p2") == ("2024-05", "86.5", "80", "12", "true")
        assert read("none") is None
