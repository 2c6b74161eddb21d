"""Measure the board as of the past against the board of the present."""

import asyncio
from time import perf_counter

import orjson
import psycopg
from api.database import Readers
from api.engine import Engine, Settings
from api.pace import TRIALS_AT_MOST
from api.request import Request
from api.serving import own_contract

from ledger.reading import head_size
from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
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
        Settler(conninfo).settle()
        asyncio.run(fill(conninfo, portfolio.later(0, projects)))
        Runner(conninfo, VIEWS).catch_up()
        Settler(conninfo).settle()
    past = {"knownPosition": known, "on": _THEN}
    engine = _patient_engine(conninfo)
    with asyncio.Runner() as loop:
        contenders = {
            "past": lambda: loop.run(_speed(engine, past, projects)),
            "present": lambda: loop.run(_speed(engine, {"on": _NOW}, projects)),
        }
        try:
            # The engine tries how a statement is planned best in its first runs.
            taken_in_turns(contenders, TRIALS_AT_MOST if rounds > 1 else 1)
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


def _patient_engine(conninfo: str) -> Engine:
    """Open an engine that gives up late, so that a busy machine is slow and does not fail."""
    readers = Readers(conninfo, size=1, milliseconds=round(_PATIENCE_SECONDS * 1000))
    return Engine(own_contract(), readers, settings=Settings(seconds=_PATIENCE_SECONDS))


async def _speed(engine: Engine, as_of: dict[str, object], projects: int) -> float:
    """Ask once and give how many such questions a second that makes."""
    start = perf_counter()
    answer = await engine.answer(Request(_QUESTION, variables={"asOf": as_of}))
    seconds = perf_counter() - start
    board = orjson.loads(answer.body)
    assert sum(line["total"] for line in board["data"]["board"]) == projects, board
    return 1 / seconds
