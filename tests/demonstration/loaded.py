"""Load a portfolio into a database of its own, and ask it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from api.engine import Engine, Settings
from api.serving import engine_over

from domain.receipt import Status
from projections.catalogue import VIEWS
from projections.runner import Runner
from server.demonstration import Portfolio
from server.loading import load
from server.settings import from_environment
from tests.databases import copied

PATIENCE_SECONDS = 60


@contextmanager
def loaded(server: str, template: str, portfolio: Portfolio) -> Iterator[str]:
    """Give a database with a portfolio in it."""
    with copied(server, template) as conninfo:
        counts = asyncio.run(load(from_environment(), conninfo, portfolio))
        assert not counts[Status.REJECTED]
        Runner(conninfo, VIEWS).catch_up()
        yield conninfo


def asked(conninfo: str, question: Callable[[Engine], Any]) -> Any:
    """Open a patient engine for one question."""

    async def run() -> Any:
        engine = engine_over(
            conninfo,
            connections=1,
            settings=Settings(seconds=PATIENCE_SECONDS),
            statement_seconds=PATIENCE_SECONDS,
        )
        try:
            return await question(engine)
        finally:
            await engine.close()

    return asyncio.run(run())
