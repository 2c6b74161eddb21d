"""Run the comparison: `./scripts/bench-graphql --help`."""

import asyncio
from typing import Annotated

import psycopg
import typer
from api.serving import own_contract
from psycopg import sql

from ledger.reading import head_size
from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
from server.bench.filling import fill
from server.bench.peers import compiling, contest, servers, views
from server.bench.peers.shapes import DAY
from server.bench.peers.world import Furnished
from server.bench.row import Row
from server.bench.scratch import scratch
from server.commands.bench import show
from server.database import database
from server.settings import from_environment
from server.terminal import REFUSED, AsJson, Data, err, print_json

_CHAPTER = 5_000
_SETTINGS = ("jit TO off", "work_mem TO '64MB'", "plan_cache_mode TO force_generic_plan")
"""What our own connections have, so that the peers' have it too.

Without the last, PostgreSQL planned each question of the peers anew, and for the nodes of a page it
planned to read all nodes there are.
"""
_WHAT_IS_READ = (
    "PostGraphile, mercurius and the bare endpoint read the tables that we read, as views at the"
    " clocks of the question, and count the board from the projects, since they keep none; the"
    " bars are about these. In the lines “the same, peers read the board that we keep” they read"
    " what we have counted. With “finished tables” they read rows that were judged before, at one"
    " day and one position only."
)


def run(
    *,
    projects: Annotated[int, typer.Option(min=1_000, help="How many projects.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each server has a turn.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn is.")] = 1.5,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Compare with PostGraphile, mercurius with JIT and a bare endpoint over one database.

    The bars are about peers that read the same tables as we do, as views of the present, with an
    index that serves them, and that count the board at each question as they must. Beside that
    each peer also reads the board that we keep, and finished tables of its own, already judged,
    which nobody keeps up to date. Ends with code 1 if a bar is missed.
    """
    with (
        database(from_environment(data=data), may_begin=True) as conninfo,
        scratch(conninfo, "peers") as world,
    ):
        err.print(f"Inventing {projects:,} projects …")
        known = _filled(world, projects)
        err.print("Comparing …")
        with servers.started(world) as ports:
            found = contest.compare(ports, rounds=rounds, seconds=seconds)
            past = contest.past(ports, known * 9 // 10, rounds=rounds, seconds=seconds)
    rows = [*contest.rows_of(found), past, compiling.measure(own_contract())]
    _report(rows, as_json=as_json)


def _filled(conninfo: str, projects: int) -> int:
    """Fill the ledger, make what the peers read, and give the last position."""
    portfolio = Furnished()
    asyncio.run(fill(conninfo, portfolio.policies()))
    for first in range(0, projects, _CHAPTER):
        count = min(_CHAPTER, projects - first)
        asyncio.run(fill(conninfo, portfolio.projects(first, count)))
        Runner(conninfo, VIEWS).catch_up()
    Settler(conninfo).settle()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        known = head_size(connection)
        clocks = {"known": str(known), "settled": str(known), "on": DAY, "language": "en"}
        for schema in (views.VIEWS, views.TABLES):
            is_finished = schema == views.TABLES
            views.make(connection, own_contract(), clocks, schema, as_tables=is_finished)
        connection.execute("VACUUM ANALYZE")
        for setting in _SETTINGS:
            change = sql.SQL("ALTER DATABASE {} SET {}")
            name = sql.Identifier(connection.info.dbname)
            connection.execute(change.format(name, sql.SQL(setting)))
    return known


def _report(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        show(rows)
        err.print(_WHAT_IS_READ)
    if any(row.met is False for row in rows):
        raise typer.Exit(REFUSED)


if __name__ == "__main__":
    typer.run(run)
