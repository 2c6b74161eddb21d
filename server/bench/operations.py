"""Measure the published operations over many projects against the same over few.

What is about one project or one page may cost at most three times as much, and what counts all
projects no more than in proportion to their number.
"""

import asyncio
import re
from collections.abc import Mapping
from time import perf_counter

import orjson
import psycopg
from api.database import Readers
from api.engine import Engine, Settings
from api.pace import TRIALS_AT_MOST
from api.request import Request
from api.serving import own_contract
from api.trusted import FOLDER

from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.turns import Rounds, taken_in_turns

PAGE_AT_MOST = 3.0
OF_ONE = ("believed-and-true", "investment-pace", "events-after")
OF_ALL = (
    *("board", "overdue", "funnel", "plan-and-actual", "lead-times", "deviations"),
    *("land-and-start", "enrolment-gap", "quarter-ranking", "source-lateness"),
)
_PATIENCE_SECONDS = 60.0
_FEW = 2_000
_VARIABLES = {"id": "bench-000007", "after": None}
_ASKED = re.compile(r"\$(\w+)\s*:")


def measure(few: str, many: str, *, projects: int, rounds: int) -> list[Row]:
    """Fill a small ledger beside the large one that is there, and ask both by turns.

    The large one has learned more about its projects meanwhile, and so does the small one: what
    grows is the number of projects, not what is known of each.
    """
    number = min(_FEW, projects)
    portfolio = Portfolio()
    for facts in (
        (*portfolio.policies(), *portfolio.projects(0, number)),
        portfolio.later(0, number),
    ):
        asyncio.run(fill(few, facts))
        Runner(few, VIEWS).catch_up()
    for conninfo in (few, many):
        Settler(conninfo).settle()
        _tidy(conninfo)
    with asyncio.Runner() as loop:
        engines = {"few": _patient_engine(few), "many": _patient_engine(many)}
        try:
            found = {
                name: _asked_by_turns(loop, engines, name, rounds) for name in (*OF_ONE, *OF_ALL)
            }
        finally:
            for engine in engines.values():
                loop.run(engine.close())
    return [
        _row("slowest operation about one project or page", found, OF_ONE, PAGE_AT_MOST, projects),
        _row("slowest operation over all projects", found, OF_ALL, projects / number, projects),
    ]


def _tidy(conninfo: str) -> None:
    """Do at once what the database does by itself soon after so much was written.

    Otherwise it does so while the larger ledger is asked, which takes a processor away.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _row(
    name: str, found: Mapping[str, Rounds], names: tuple[str, ...], bar: float, projects: int
) -> Row:
    """Tell of the operation that suffers most from the number of projects."""
    worst = max(names, key=lambda each: found[each].ratio("few", "many"))
    rounds = found[worst]
    return Row(
        name=f"{name} ({worst}) of {projects:,}",
        unit="answers",
        ours=rounds.speed("many"),
        peer=f"the same of {_FEW:,}",
        theirs=rounds.speed("few"),
        ratio=rounds.ratio("few", "many"),
        bar=bar,
        is_cost=True,
    )


def _asked_by_turns(
    loop: asyncio.Runner, engines: Mapping[str, Engine], name: str, rounds: int
) -> Rounds:
    """Ask one operation of both ledgers by turns, once the engine knows how to plan it."""
    query = (FOLDER / f"{name}.graphql").read_text("utf-8")
    variables = {asked: _VARIABLES[asked] for asked in _ASKED.findall(query)}
    request = Request(query, variables=variables)
    contenders = {size: lambda it=it: loop.run(_speed(it, request)) for size, it in engines.items()}
    taken_in_turns(contenders, TRIALS_AT_MOST if rounds > 1 else 1)
    return taken_in_turns(contenders, rounds)


async def _speed(engine: Engine, request: Request) -> float:
    """Ask once and give how many such questions a second that makes."""
    start = perf_counter()
    answer = await engine.answer(request)
    seconds = perf_counter() - start
    said = orjson.loads(answer.body)
    assert "errors" not in said, said["errors"]
    return 1 / seconds


def _patient_engine(conninfo: str) -> Engine:
    """Open an engine that gives up late and remembers no answer."""
    readers = Readers(conninfo, size=1, milliseconds=round(_PATIENCE_SECONDS * 1000))
    return Engine(own_contract(), readers, settings=Settings(seconds=_PATIENCE_SECONDS))
