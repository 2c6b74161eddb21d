"""The measurements: their arithmetic, the facts they invent, and one small run of each."""

import asyncio

import psycopg
import pytest

from domain.kinds import KINDS
from intake.cloudevents import read_lines
from intake.delivery import Delivery
from server.bench import appends, evidence, following, lines, proving, waiting
from server.bench.filling import fill
from server.bench.portfolio import NODES, Portfolio
from server.bench.row import Row
from server.bench.suite import Scale, measured
from server.bench.turns import taken_in_turns


def _row(ratio: float, bar: float | None, *, is_cost: bool = False) -> Row:
    return Row("folding", "folds", 10.0, "selecting", 40.0, ratio, bar, is_cost)


def test_a_speed_must_reach_its_bar() -> None:
    assert _row(20.0, 20.0).met is True
    assert _row(19.9, 20.0).met is False
    assert _row(20.0, 20.0).wanted == "≥ 20"


def test_a_cost_must_stay_below_its_bar() -> None:
    assert _row(5.0, 5.0, is_cost=True).met is True
    assert _row(5.1, 5.0, is_cost=True).met is False
    assert _row(5.0, 5.0, is_cost=True).wanted == "≤ 5"


def test_a_comparison_without_a_bar_is_not_judged() -> None:
    assert _row(3.0, None).met is None
    assert _row(3.0, None).wanted == ""


def test_programs_are_told_what_people_see() -> None:
    told = _row(4.0, 5.0, is_cost=True).as_json()

    assert told["ratio"] == 4.0
    assert (told["bar"], told["bar_is"], told["met"]) == (5.0, "most", True)


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    ours, theirs = iter([10.0, 40.0, 90.0]), iter([10.0, 20.0, 30.0])

    found = taken_in_turns({"ours": lambda: next(ours), "theirs": lambda: next(theirs)}, 3)

    assert found.ratio("ours", "theirs") == 2.0
    assert found.speed("ours") == 40.0


def test_a_portfolio_is_the_same_for_the_same_seed() -> None:
    first, second = (list(Portfolio(5).projects(0, 3)) for _ in range(2))

    assert first == second
    assert first != list(Portfolio(6).projects(0, 3))


def test_every_project_plans_its_nodes() -> None:
    planned = [told for told in Portfolio().projects(0, 4) if told.kind == "MilestonePlanned"]

    assert len(planned) == 4 * len(NODES)


def test_invented_facts_are_accepted_and_lines_read_the_same(database: str) -> None:
    portfolio = Portfolio()
    told = [*portfolio.policies(), *portfolio.projects(0, 30), *portfolio.later(0, 30)]

    count = asyncio.run(fill(database, told))

    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM ledger.events").fetchone() == (count,)
    assert "EventCorrected" in {one.kind for one in told} <= KINDS.keys()
    deliveries = list(read_lines(one.line() for one in told))
    assert [one.kind for one in deliveries if isinstance(one, Delivery)] == [t.kind for t in told]


SMALL = {
    following: {"_PROJECTS_AT_ONCE": 5},
    waiting: {"_FOLLOWERS": 3, "_SETTLING_SECONDS": 0.0},
    appends: {"_CALL": 200, "_ALONE": 10, "_TOGETHER": 128, "_TOGETHER_DEFAULT": 64},
    lines: {"_CALL": 200, "_PROJECTS": 20},
    proving: {"_ALONE": 10, "_TOGETHER": 128, "_A_SECOND": 50, "_BATCH": 200, "_MILLION": 70_000},
    evidence: {"_RATE": 200, "_GROUP": 20, "_BUNDLES": 1, "_PROJECT_EVENTS": 2},
}
"""What the measurements take by turns, made small: here nobody asks how fast anything is."""


@pytest.fixture
def _small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, sizes in SMALL.items():
        for name, size in sizes.items():
            monkeypatch.setattr(module, name, size)


@pytest.mark.slow
@pytest.mark.usefixtures("_small_turns")
def test_everything_is_measured_and_nothing_is_left_behind(database: str) -> None:
    parts: list[int] = []
    once = {
        "appends": 1,
        "lines": 1,
        "histories": 1,
        "boards": 1,
        "exports": 1,
        "proofs": 1,
        "deliveries": 1,
    }
    tiny = {
        "delivered_projects": 3,
        "delivered_each": 1,
        "register_rows": 50,
        "followed": 1,
        "waited": 2,
    }
    scale = Scale(projects=60, growths=2, verified=1, signed_seconds=0.2, **tiny, **once)

    rows = measured(database, scale, lambda done, _: parts.append(done))

    assert all(row.ours > 0 and row.theirs > 0 and row.ratio > 0 for row in rows)
    assert [row.bar for row in rows] == [
        *[1.0, 10.0, 2.0, 0.25, 0.05, 5.0, 20.0, 2.0, 3.0, 1.0],
        *[0.5, 0.5, 0.5, 0.2, 0.2],
        *[0.8, 0.7, 1.0, 1.0, 0.1, 1.0, 1.0, 0.5, 0.3, 2.0, 0.5, 1.1],
    ]
    assert parts == sorted(parts)
    with psycopg.connect(database) as connection:
        left = connection.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'bench%'")
        assert left.fetchone() == (0,)
