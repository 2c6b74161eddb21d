"""Measure the board as of the past against the board of the present."""

import asyncio
from time import perf_counter

import orjson
import psycopg
from api.engine import Engine, Request, Settings
from api.serving import engine_over

from ledger.reading import head_size
from projections.runner import Runner
from projections.views import VIEWS
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.turns import taken_in_turns

COST_AT_MOST = 2.0
_QUESTION = """
query Board($asOf: AsOf!) { board(asOf: $asOf) { region red yellow green grey total } }
"""
_PATIENCE_SECONDS = 60.0
_THEN, _NOW = "2024-09-30", "2024-12-31"


def measure(conninfo: str, portfolio: Portfolio, *, projects: int, rounds: int) -> list[Row]:
    """Let the ledger learn more about its projects, then ask for the board before and after."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        known = head_size(connection)
        asyncio.run(fill(conninfo, portfolio.later(0, projects)))
        Runner(conninfo, VIEWS).catch_up()
    past = {"knownPosition": known, "on": _THEN}
    engine = engine_over(conninfo, connections=1, settings=Settings(seconds=_PATIENCE_SECONDS))
    with asyncio.Runner() as loop:
        contenders = {
            "past": lambda: loop.run(_speed(engine, past, projects)),
            "present": lambda: loop.run(_speed(engine, {"on": _NOW}, projects)),
        }
        try:
            taken_in_turns(contenders, 1)
            found = taken_in_turns(contenders, rounds)
        finally:
            loop.run(engine.close())
    return [
        Row(
            name=f"board over {projects:,} projects as of the past",
            unit="boards",
            ours=found.speed("past"),
            peer="the same as of the present",
            theirs=found.speed("present"),
            ratio=found.ratio("present", "past"),
            bar=COST_AT_MOST,
            is_cost=True,
        )
    ]


async def _speed(engine: Engine, as_of: dict[str, object], projects: int) -> float:
    """Ask once and give how many such questions a second that makes."""
    start = perf_counter()
    answer = await engine.answer(Request(_QUESTION, variables={"asOf": as_of}))
    seconds = perf_counter() - start
    board = orjson.loads(answer.body)
    assert sum(line["total"] for line in board["data"]["board"]) == projects, board
    return 1 / seconds
