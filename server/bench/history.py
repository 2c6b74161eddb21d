"""Measure folding one project's history against merely selecting its rows.

The fold does what `lifecycle history` does for the state: read the stream as known at a position,
undo and redo what corrections say, and judge phase, colour and milestones on a day.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import Connection

from domain.amendments import visible_facts
from domain.policies import presets
from domain.policy import Policy
from domain.project import project_at
from ledger.reading import stream_events
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.told import Told
from server.bench.turns import speed_of, taken_in_turns

EVENTS = 200
COST_AT_MOST = 5.0
_SECONDS = 0.15
_STREAM = "project/history"
_FIRST = date(2024, 1, 1)
_AMENDED_ONE_IN = 20
_ROWS = (
    "SELECT position, bytes, leaf_hash FROM ledger.events"
    " WHERE stream = %s AND position <= %s ORDER BY version"
)


def measure(conninfo: str, rounds: int) -> list[Row]:
    """Fold and select one history of 200 events by turns, each time as of other clocks."""
    history = _history(Portfolio(), random.Random(7))
    asyncio.run(fill(conninfo, history))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        # As a ledger in use is counted; before that the rows are found by a slower plan.
        connection.execute("ANALYZE ledger.events")
        clocks = _Clocks()
        policies = presets()
        contenders = {
            "fold": _turn(lambda: _fold(connection, policies, *next(clocks))),
            "select": _turn(lambda: _select(connection, next(clocks)[0])),
        }
        found = taken_in_turns(contenders, rounds)
    return [
        Row(
            name=f"history of {EVENTS} events as of any two clocks",
            unit="folds",
            ours=found.speed("fold"),
            peer="selecting its rows",
            theirs=found.speed("select"),
            ratio=found.ratio("select", "fold"),
            bar=COST_AT_MOST,
            is_cost=True,
        )
    ]


class _Clocks(Iterator[tuple[int, date]]):
    """Gives known positions and days, mostly late ones, in an order that repeats."""

    def __init__(self) -> None:
        self._count = 0

    def __next__(self) -> tuple[int, date]:
        self._count += 1
        return EVENTS - self._count % 5, _FIRST + timedelta(days=250 + self._count % 60)


def _turn(work: Callable[[], object]) -> Callable[[], float]:
    return lambda: speed_of(work, seconds=_SECONDS)


def _fold(
    connection: Connection[Any], policies: tuple[Policy, ...], known: int, on: date
) -> object:
    """Fold the history and judge it."""
    facts = visible_facts(stream_events(connection, _STREAM, known))
    project = project_at(facts, on, policies)
    return project.phase, project.phase_least, project.colour, project.milestones


def _select(connection: Connection[Any], known: int) -> object:
    """Read the rows and do nothing with them."""
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(_ROWS, (_STREAM, known)).fetchall()


def _history(portfolio: Portfolio, chance: random.Random) -> Iterator[Told]:
    """Tell one long life: plans that move, permits, money, and one event in twenty corrected."""
    life = list(portfolio.life(_STREAM, 1))
    yield from life
    correctable = [told for told in life if told.kind == "ConstructionStarted"]
    for number in range(len(life), EVENTS):
        day = _FIRST + timedelta(days=chance.randrange(240))
        if number % _AMENDED_ONE_IN == 0 and correctable:
            yield portfolio.corrected(chance.choice(correctable), day)
            continue
        kind, payload = _next(number, day)
        period = f"{day:%Y-%m}" if kind == "InvestmentReported" else day
        reason = "The line arrives later." if kind == "MilestoneReplanned" else None
        told = portfolio.fact(kind, _STREAM, period, payload, reason=reason)
        if kind == "PermitIssued":
            correctable.append(told)
        yield told


def _next(number: int, day: date) -> tuple[str, dict[str, Any]]:
    """Give a fact of one of the kinds that come again and again."""
    if number % 3 == 0:
        money = {"basis": "statistical", "method": "progress", "ytd": {"yuan": number * 10_000}}
        return "InvestmentReported", money
    if number % 3 == 1:
        permit = {"case_no": f"case-{number}", "permit_kind": "construction_permit"}
        return "PermitIssued", {**permit, "certificate_no": f"{number:018d}", "tolerance": False}
    plan = {"plan_id": "plan-1", "node": "commissioned", "old": "2025-Q1", "new": str(day)}
    approval = {"approved_by": "市重大项目办", "counts_as_new_baseline": number % 2 == 0}
    return "MilestoneReplanned", plan | approval
