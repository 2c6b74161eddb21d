"""Changes of colour are exactly the days on which a daily look finds another colour."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from msgspec import structs
from psycopg import Connection

from domain.colour import Colour
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.project import project_at
from projections.catalogue import VIEWS
from projections.folding.projection import Change
from tests.judgement.facts import fact, planned
from tests.projections.asking import load
from tests.projections.life import ask, telling
from tests.projections.lives import POLICIES, adoptions, lives, publications

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)


def colours(facts: list[Fact], lists: list[Fact]) -> dict[date, Colour | None]:
    """Look at the colour on each day from the eve on; none before the registration."""
    found: dict[date, Colour | None] = {}
    for number in range((LAST - FIRST).days + 2):
        day = FIRST + timedelta(days=number - 1)
        project = project_at(facts, day, POLICIES, lists)
        found[day] = None if project.district is None else project.colour
    return found


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=lives())
def test_a_daily_look_finds_the_same_changes(
    read_models: Connection[Any], facts: list[Fact]
) -> None:
    lists = publications()
    daily = colours(facts, lists)
    expected = [
        (day.isoformat(), daily[day - timedelta(days=1)], colour)
        for day, colour in daily.items()
        if day >= FIRST
        and daily[day - timedelta(days=1)] is not None
        and colour is not daily[day - timedelta(days=1)]
    ]

    with telling(read_models, [*facts, *lists, *adoptions()]) as connection:
        rows = ask(
            connection, "colour_changes", "2025-06-30", **{"from": str(FIRST), "to": str(LAST)}
        )

        assert [(row("on"), row("from"), row("to")) for row in rows] == expected


def test_a_replan_is_the_cause_and_time_is_not(read_models: Connection[Any]) -> None:
    moved = fact(
        "MilestoneReplanned",
        "2024-07-10",
        node="construction_started",
        new="2024-12-31",
        counts_as_new_baseline=False,
    )
    facts = [
        fact("ProjectRegistered", "2024-01-05", district="320412"),
        planned("construction_started", "2024-06-30"),
        moved,
    ]

    with telling(read_models, [*facts, *adoptions()]) as connection:
        between = {"from": "2024-02-01", "to": "2024-12-31"}
        rows = ask(connection, "colour_changes", "2024-12-31", **between)
        oldest = ask(connection, "colour_changes", "2024-12-31", **between, first=2)
        found = [
            (row("on"), row("from"), row("to"), row.one("cause") and row.columns["position"])
            for row in rows
        ]

        assert found == [
            ("2024-06-15", "green", "yellow", None),
            ("2024-07-01", "yellow", "red", None),
            ("2024-07-10", "red", "green", str(moved.position)),
            ("2024-12-16", "green", "yellow", None),
        ]
        assert [row("on") for row in oldest] == ["2024-06-15", "2024-07-01"]
        assert {row.columns["policy"] for row in rows} == {"colour/wujin@2024.1"}
        assert [project.columns["id"] for project in rows[0].many("project")] == ["p1"]


def test_the_cause_of_a_corrected_date_is_the_correction(read_models: Connection[Any]) -> None:
    """Who moves a late start back into time is the one to be asked about the colour."""
    facts = [
        fact("ProjectRegistered", "2024-01-05", district="320412"),
        planned("construction_started", "2024-06-30"),
        *adoptions(),
    ]
    late = fact("ConstructionStarted", "2024-07-09")
    moved = structs.replace(late, occurred_on=FlexDate.parse("2024-06-20"))
    correction = moved.position + 100

    with telling(read_models, [*facts, late]) as connection:
        load(connection, VIEWS, [Change(correction, late.id, late, moved)])
        rows = ask(
            connection, "colour_changes", "2024-12-31", **{"from": "2024-06-16", "to": "2024-12-31"}
        )

        assert [(row("on"), row("to"), row.columns["position"]) for row in rows] == [
            ("2024-06-20", "green", str(correction))
        ]


def test_a_correction_that_was_taken_back_is_no_cause(read_models: Connection[Any]) -> None:
    started = fact("ConstructionStarted", "2024-07-09")
    moved = structs.replace(started, occurred_on=FlexDate.parse("2024-06-20"))
    facts = [
        fact("ProjectRegistered", "2024-01-05", district="320412"),
        planned("construction_started", "2024-06-30"),
        started,
        *adoptions(),
    ]
    days = {"from": "2024-07-02", "to": "2024-12-31"}

    with telling(read_models, facts) as connection:
        before = ask(connection, "colour_changes", "2024-12-31", **days)
        load(connection, VIEWS, [Change(started.position + 100, started.id, started, moved)])
        load(connection, VIEWS, [Change(started.position + 101, started.id, moved, started)])
        after = ask(connection, "colour_changes", "2024-12-31", **days)

        assert [row.columns["position"] for row in before] == [str(started.position)]
        assert [row.columns for row in after] == [row.columns for row in before]
