"""Find out who calls: those who come at the same time with one token are looked up once."""

import asyncio

import psycopg
from psycopg_pool import PoolTimeout

from intake.appending import Pool
from intake.grant import Grant
from intake.tokens import grant_of
from ledger.clock import utc_now
from server.issuers.issuers import Issuers

Found = asyncio.Future[Grant | None]


class Recognition:
    """Looks tokens up; whoever comes while a look-up runs waits for the next one.

    So nobody is let in by what was read before he came: a token that was revoked is good for
    nothing from then on.
    """

    def __init__(self, pool: Pool, issuers: Issuers) -> None:
        """Ask through a pool of connections, and believe issuers of tokens."""
        self._pool = pool
        self._issuers = issuers
        self._next: dict[str, Found] = {}
        self._asking: asyncio.Task[None] | None = None

    async def grant(self, secret: str) -> Grant | None:
        """Give what a token allows; None if it is unknown, expired or revoked.

        Raises Unavailable while nobody can tell.
        """
        if self._issuers.concerns(secret):
            return await self._issuers.grant(secret)
        found = self._next.get(secret)
        if found is None:
            found = self._next[secret] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(found)

    async def _ask(self) -> None:
        """Look up until nobody waits."""
        try:
            await asyncio.sleep(0)
            while self._next:
                asked, self._next = self._next, {}
                try:
                    await self._look_up(asked)
                except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
                    for found in asked.values():
                        if not found.done():
                            found.set_exception(error)
        finally:
            self._asking = None

    async def _look_up(self, asked: dict[str, Found]) -> None:
        """Answer all who wait; a connection that was cut off is no reason to send them away."""
        # Every connection of the pool may have been cut off; each failing one leaves the pool.
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self._pool.timeout
        while True:
            try:
                async with self._pool.connection() as connection:
                    for secret, found in asked.items():
                        if not found.done():
                            found.set_result(await grant_of(connection, secret, utc_now()))
            except PoolTimeout:
                # The patience is over: whoever began anew would wait for it again.
                raise
            except psycopg.OperationalError:
                if clock() >= give_up_at:
                    raise
            else:
                return
