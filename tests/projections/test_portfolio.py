"""Questions over many projects answer what the plain fold of each project adds up to."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import order
from domain.amendments import fold_order
from domain.contradictions import held_twice
from domain.fact import Fact
from domain.land_and_start import achieved_in
from domain.lead_time import distribution
from domain.order_rules import Result
from domain.out_of_turn import FALLEN
from domain.project import Project, project_at, visible
from domain.said_twice import CONTESTED, codes_shared
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.lives import POLICIES, adoptions, days, lives, publications

UNASKED = {CONTESTED.id, FALLEN.id}
"""The rules that are only applied to many projects if they are asked for by name."""

NAMES = tuple(f"p{number}" for number in range(1, 7))
Portfolio = dict[str, Project]


@st.composite
def portfolios(draw: st.DrawFn) -> dict[str, list[Fact]]:
    return {name: draw(lives(name)) for name in NAMES}


def folded(told: dict[str, list[Fact]], on: date, lists: Sequence[Fact]) -> Portfolio:
    """Fold every project that is registered by the day."""
    projects = {name: project_at(facts, on, POLICIES, lists) for name, facts in told.items()}
    return {name: project for name, project in projects.items() if project.district}


def board(projects: Portfolio) -> dict[tuple[str, str], int]:
    return dict(Counter((str(p.district), str(p.colour)) for p in projects.values()))


def shown(rows: Sequence[Row]) -> dict[tuple[str, str], int]:
    cells = {
        (row("region"), colour): int(row(colour))
        for row in rows
        for colour in ("red", "yellow", "green", "grey")
    }
    return {cell: count for cell, count in cells.items() if count}


def late(projects: Portfolio) -> set[tuple[str, str, str, int]]:
    return {
        (name, each.node.node, each.node.phase_id, each.days_late)
        for name, project in projects.items()
        for each in project.node_colours
        if each.windows is not None and not each.done and (each.days_late or 0) >= 1
    }


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=portfolios(), day=days)
def test_questions_over_many_projects(
    read_models: Connection[Any], told: dict[str, list[Fact]], day: str
) -> None:
    lists, on = publications(), date.fromisoformat(day)
    projects = folded(told, on, lists)
    facts = [fact for facts in told.values() for fact in facts]
    with telling(read_models, [*facts, *lists, *adoptions()]) as connection:

        def asked(root: str, /, **arguments: Any) -> list[Row]:
            return ask(connection, root, on, **arguments)

        assert shown(asked("board")) == board(projects)
        assert {
            (
                row.columns["project"],
                row("node"),
                row("phase_id"),
                int(row("days_late")),
            )
            for row in asked("overdue")
        } == late(projects)
        for outcome in (Result.VIOLATED, Result.UNDECIDABLE, Result.MISSING_PREDECESSOR):
            assert Counter(
                (row.columns["project"], row("rule"), row.columns["phase_id"])
                for row in asked("deviations", outcomes=[outcome.upper()])
            ) == findings(projects, outcome) + (
                twice(told, on) if outcome is Result.VIOLATED else Counter()
            )
        for rule in UNASKED:
            assert Counter(
                row.columns["project"] for row in asked("deviations", rule=rule)
            ) == Counter(
                name
                for name, project in projects.items()
                for each in project.deviations
                if each.rule == rule
            )
        assert {row.columns["id"] for row in asked("land_and_start", year=2024)} == {
            name
            for name, project in projects.items()
            if achieved_in(project.land_and_start(), date(2024, 1, 1), date(2024, 12, 31))
        }
        for workdays in (False, True):
            (found,) = asked(
                "lead_times",
                **{"from": "LAND_AWARDED", "to": "CONSTRUCTION_STARTED", "work_days": workdays},
            )
            assert durations(found) == expected_durations(projects, workdays=workdays)


def twice(told: dict[str, list[Fact]], on: date) -> Counter[tuple[str, str, str | None]]:
    """Find the plots and codes that two projects have; who is not registered is not asked about."""
    facts = sorted(visible([fact for each in told.values() for fact in each], on), key=fold_order)
    registered = folded(told, on, publications())
    return Counter(
        (str(found.facts[-1].project), found.rule.id, found.phase_id)
        for found in (*held_twice(facts), *codes_shared(facts))
        if found.facts[-1].project in registered
    )


def findings(projects: Portfolio, outcome: Result) -> Counter[tuple[str, str, str | None]]:
    return Counter(
        (name, each.rule, each.phase_id)
        for name, project in projects.items()
        for each in order.findings(project.facts)
        if each.result is outcome and each.rule not in UNASKED
    )


def durations(found: Row) -> dict[str, Any]:
    names = ("n", "excluded_for_precision", "min", "p25", "median", "p75", "p90", "max")
    told = {name: found(name) and int(found(name)) for name in names}
    bars = [(b("from"), b("to"), int(b("count"))) for b in found.many("histogram", bins=5)]
    return {**told, "histogram": bars}


def expected_durations(projects: Portfolio, *, workdays: bool) -> dict[str, Any]:
    times = [p.lead_time("land_awarded", "construction_started") for p in projects.values()]
    measured = distribution(
        time.workdays if workdays else time.calendar_days for time in times if time
    )
    quantiles = {"min": 0, "p25": 25, "median": 50, "p75": 75, "p90": 90, "max": 100}
    return {
        "n": measured.n,
        "excluded_for_precision": measured.excluded_for_precision,
        **{name: measured.quantile(percent) for name, percent in quantiles.items()},
        "histogram": [
            (f"{float(bar.since):g}", f"{float(bar.until):g}", bar.count)
            for bar in measured.histogram(5)
        ],
    }


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=portfolios(), day=days)
def test_filters_by_judgement(
    read_models: Connection[Any], told: dict[str, list[Fact]], day: str
) -> None:
    lists, on = publications(), date.fromisoformat(day)
    projects = folded(told, on, lists)
    facts = [fact for facts in told.values() for fact in facts]
    with telling(read_models, [*facts, *lists, *adoptions()]) as connection:

        def passing(**conditions: Any) -> set[str]:
            named = {f"filter.{name}": value for name, value in conditions.items()}
            rows = ask(connection, "projects", on, filter=True, **named)
            return {row.columns["id"] or "" for row in rows}

        assert passing(colour=["RED", "YELLOW"]) == {
            name for name, each in projects.items() if each.colour in {"red", "yellow"}
        }
        assert passing(phase=["LANDING", "TERMINATED"]) == {
            name for name, each in projects.items() if each.phase in {"landing", "terminated"}
        }
        breaking = {
            name
            for name, each in projects.items()
            if any(deviation.exemption is None for deviation in each.deviations)
        } | {name for name, _, _ in twice(told, on)}
        assert passing(has_deviation=True) == breaking
        assert passing(has_deviation=False) == set(projects) - breaking
        assert passing(region=["32058"]) == {
            name for name, each in projects.items() if str(each.district).startswith("32058")
        }
        assert passing(list_year=2024, level=["MUNICIPAL"]) == {
            name
            for name, each in projects.items()
            if any(entry.level == "municipal" for entry in each.listings)
        }
        assert passing(total_investment_min_yi="5") == {
            name for name, each in projects.items() if (each.total_investment or 0) >= 500_000_000
        }
