"""Write denials down: each as a line of JSON at once, and like ones together in the database."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TextIO

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from intake.appending import Pool
from intake.denials import Denial, Denials, Tell
from ledger.clock import utc_now
from server.request_log import Wanted, wanted_from_environment

PAUSE_SECONDS = 1.0


def denial_log(stream: TextIO | None = None) -> Tell:
    """Give what writes denials to standard error; nothing if `LIFECYCLE_LOG` is off."""
    wanted = wanted_from_environment()
    log: Any = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )

    def tell(denial: Denial) -> None:
        if wanted is not Wanted.NOTHING:
            log.warning("denied", **denial._asdict())

    return tell


@asynccontextmanager
async def written(denials: Denials, pool: Pool) -> AsyncIterator[None]:
    """Write denials down for the length of an `async with`, the last ones at its end."""
    task = asyncio.create_task(_write(denials, pool))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await _write_once(denials, pool)


async def _write(denials: Denials, pool: Pool) -> None:
    """Write again and again; what cannot be written now waits for the next time."""
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        await _write_once(denials, pool)


async def _write_once(denials: Denials, pool: Pool) -> None:
    with suppress(psycopg.Error, PoolTimeout):
        if denials:
            async with pool.connection() as connection:
                await denials.write(connection, utc_now())
