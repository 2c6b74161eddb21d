"""Run every measurement on one PostgreSQL, one after the other, each in databases of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from server.bench import (
    appends,
    board,
    catch_up,
    deliveries,
    exporting,
    following,
    history,
    lines,
    operations,
    proving,
    registers,
    waiting,
)
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.scratch import scratch

Progress = Callable[[int, int], None]
"""Told how many of how many measurements are done."""

_PARTS = 11


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: projects in the portfolio, rounds of each part, events verified.

    For `signed_seconds` events are appended while they are signed.
    """

    projects: int
    growths: int
    appends: int
    lines: int
    histories: int
    boards: int
    exports: int
    proofs: int
    signed_seconds: float
    verified: int
    deliveries: int
    followed: int
    delivered_projects: int
    delivered_each: int
    register_rows: int
    waited: int


QUICK = Scale(
    projects=2_000,
    growths=2,
    appends=3,
    lines=2,
    histories=9,
    boards=5,
    exports=3,
    proofs=3,
    signed_seconds=1.5,
    verified=50_000,
    deliveries=1,
    followed=60_000,
    delivered_projects=200,
    delivered_each=10,
    register_rows=10_000,
    waited=200,
)
FULL = Scale(
    projects=20_000,
    growths=5,
    appends=9,
    lines=5,
    histories=25,
    boards=5,
    exports=3,
    proofs=9,
    signed_seconds=10,
    verified=400_000,
    deliveries=5,
    followed=1_000_000,
    delivered_projects=800,
    delivered_each=50,
    register_rows=100_000,
    waited=500,
)


def run_all(conninfo: str, *, quick: bool = False, progress: Progress | None = None) -> list[Row]:
    """Measure everything on the server of a connection string that may create databases.

    `quick` is for a look in less than a minute; what is promised is measured without it.
    """
    return measured(conninfo, QUICK if quick else FULL, progress)


def measured(conninfo: str, scale: Scale, progress: Progress | None = None) -> list[Row]:
    """Measure everything at some scale."""
    table: list[Row] = []

    def done(part: int) -> None:
        if progress is not None:
            progress(part, _PARTS)

    done(0)
    with scratch(conninfo, "appends") as database:
        table += appends.measure(database, scale.appends)
    done(1)
    with scratch(conninfo, "lines") as database:
        table += lines.measure(database, scale.lines)
    done(2)
    with scratch(conninfo, "history") as database:
        table += history.measure(database, scale.histories)
    done(3)
    portfolio = Portfolio()
    with scratch(conninfo, "portfolio") as database, scratch(conninfo, "counter") as peer:
        step = scale.projects // scale.growths
        table += catch_up.measure(database, peer, portfolio, projects=step, rounds=scale.growths)
        done(4)
        table += board.measure(
            database, portfolio, projects=step * scale.growths, rounds=scale.boards
        )
        done(5)
        with scratch(conninfo, "few") as few:
            table += operations.measure(
                few, database, projects=step * scale.growths, rounds=scale.boards
            )
        table += exporting.measure(database, projects=step * scale.growths, rounds=scale.exports)
    done(6)
    table += proving.measure(
        conninfo, scale.proofs, events=scale.verified, seconds=scale.signed_seconds
    )
    done(7)
    with scratch(conninfo, "deliveries") as database:
        table += deliveries.measure(
            database,
            scale.deliveries,
            projects=scale.delivered_projects,
            each=scale.delivered_each,
        )
    done(8)
    with scratch(conninfo, "registers") as database:
        table += registers.measure(database, scale.deliveries, rows=scale.register_rows)
    done(9)
    with scratch(conninfo, "following") as database:
        table += following.measure(
            database, scale.deliveries, events=scale.followed, each=scale.delivered_each
        )
    done(10)
    with scratch(conninfo, "waiting") as database:
        table += waiting.measure(database, scale.deliveries, events=scale.waited)
    done(11)
    return table
