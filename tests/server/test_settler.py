"""The settler follows the read models by itself."""

import asyncio
import threading
from collections.abc import Callable

import psycopg

from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.spans.settling import Settler, settled_position
from projections.views import projects
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from tests.faults.program import wait_until


def test_spans_are_settled_after_an_append_and_after_a_rebuild(database: str) -> None:
    portfolio, stopping = Portfolio(), threading.Event()
    settler = threading.Thread(
        target=Settler(database).run, args=(stopping,), kwargs={"poll_seconds": 0.05}
    )
    settler.start()
    try:
        head = asyncio.run(fill(database, [*portfolio.policies(), *portfolio.projects(0, 2)]))
        Runner(database, VIEWS).catch_up()
        wait_until(_settled(database, head), "settlement")

        rebuild(database, projects.VIEW)

        wait_until(_settled(database, head), "settlement of the new tables")
    finally:
        stopping.set()
        settler.join()


def _settled(database: str, head: int) -> Callable[[], bool]:
    """Give a function that looks whether the spans hold at the head."""

    def is_settled() -> bool:
        with psycopg.connect(database) as connection:
            return settled_position(connection, head) == head

    return is_settled
