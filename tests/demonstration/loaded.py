"""Load a portfolio into a database of its own, and ask it."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from api.engine import Engine, Settings
from api.serving import engine_over
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.receipt import Status
from projections.runner import Runner
from projections.views import VIEWS
from server.demonstration import Portfolio
from server.loading import load
from server.settings import from_environment

PATIENCE_SECONDS = 60


@contextmanager
def loaded(server: str, template: str, portfolio: Portfolio) -> Iterator[str]:
    """Give a database with a portfolio in it."""
    name = f"portfolio_{portfolio.projects}_{portfolio.seed}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        names = sql.Identifier(name), sql.Identifier(template)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    database = make_conninfo(server, dbname=name)
    counts = asyncio.run(load(from_environment(), database, portfolio))
    assert not counts[Status.REJECTED]
    Runner(database, VIEWS).catch_up()
    yield database
    with psycopg.connect(server, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))


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
