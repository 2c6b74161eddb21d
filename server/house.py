"""Open everything a running program needs, in order, and close it again in reverse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from select import select
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from intake.answers import Answers
from intake.appending import Pool
from intake.checker import Checker
from intake.denials import Denials
from intake.intake import Intake
from intake.receipt_book import ReceiptBook
from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.ledger import Ledger
from server.denying import denial_log, written
from server.exports.slots import Slots
from server.issuers.issuer import issuers_in
from server.issuers.issuers import Issuers
from server.pressure import Pressure
from server.recognition import Recognition
from server.settings import Settings

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class House:
    """The rooms of one running program, wired together."""

    settings: Settings
    conninfo: str
    pool: Pool
    ledger: Ledger
    intake: Intake
    book: ReceiptBook
    answers: Answers
    recognition: Recognition
    checker: Checker
    denials: Denials
    pressure: Pressure = field(default_factory=Pressure)
    exporting: Slots = field(default_factory=Slots)


@asynccontextmanager
async def opened(
    settings: Settings, conninfo: str, *, replayed: bool = False
) -> AsyncIterator[House]:
    """Open the ledger of a migrated database and the intake in front of it."""
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        conninfo,
        min_size=2,
        max_size=CONNECTIONS,
        timeout=settings.patience_seconds,
        # The pool tries less and less often until this is over; the next request begins anew.
        reconnect_timeout=settings.patience_seconds,
        open=False,
        kwargs={"autocommit": True},
        configure=_configure,
        check=_check,
    )
    # What may be refused of the settings is refused before anything is opened.
    denials = Denials(denial_log())
    issuers = Issuers(issuers_in(settings.issuers), denials)
    async with pool:
        ledger = await Ledger.open(
            conninfo, replayed=replayed, patience_seconds=settings.patience_seconds
        )
        checker = Checker()
        try:
            intake = Intake(ledger, pool, denials=denials, replayed=replayed)
            await intake.release_waiting()
            book, answers, known = ReceiptBook(pool), Answers(pool), Recognition(pool, issuers)
            async with written(denials, pool):
                rooms = (settings, conninfo, pool, ledger, intake, book, answers, known)
                yield House(*rooms, checker, denials)
        finally:
            await checker.close()
            await issuers.close()
            await ledger.close()


async def _check(connection: AsyncConnection[Any]) -> None:
    """Ask the server whether a connection still works, but only if something came unasked.

    A server that goes away says so or hangs up; asking each time doubles what a short question
    costs.
    """
    if select([connection.fileno()], [], [], 0)[0]:
        await AsyncConnectionPool.check_connection(connection)


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Work as the role that may insert and select only."""
    await connection.execute(SET_ROLE, [APPLICATION_ROLE])
