"""Open an intake on a fresh ledger for each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.envelope import Actor
from intake.grant import Grant, Right
from intake.intake import Intake
from ledger.ledger import Ledger

NOW = datetime(2024, 12, 31, 4, tzinfo=UTC)
STEWARD = Actor(id="steward-1", org="Zhangjiagang DRC", role="steward", name="张三")
EVERYTHING = Grant(STEWARD, frozenset(Right))

OpenIntake = Callable[..., AbstractAsyncContextManager[Intake]]


@pytest.fixture
def open_intake(database: str) -> OpenIntake:
    """Give a function that opens an intake on the test's ledger, as a server process does."""

    @asynccontextmanager
    async def opened(*, replayed: bool = False) -> AsyncIterator[Intake]:
        pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            database, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
        )
        async with pool:
            ledger = await Ledger.open(database, clock=lambda: NOW, replayed=replayed)
            try:
                yield Intake(ledger, pool, clock=lambda: NOW, replayed=replayed)
            finally:
                await ledger.close()

    return opened
