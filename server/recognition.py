"""Find out who calls: those who come at the same time with one token are looked up once."""

import asyncio
from collections.abc import Sequence

import psycopg
from psycopg_pool import PoolTimeout

from intake.appending import Pool
from intake.gathering import Gathering
from intake.grant import Grant
from intake.tokens import grant_of
from ledger.clock import utc_now
from server.issuers.issuers import Issuers

_TOGETHER = 1_000
"""Callers answered by one look-up."""


class Recognition:
    """Looks tokens up; whoever comes while a look-up runs waits for the next one.

    So nobody is let in by what was read before he came: a token that was revoked is good for
    nothing from then on.
    """

    def __init__(self, pool: Pool, issuers: Issuers) -> None:
        """Ask through a pool of connections, and believe issuers of tokens."""
        self._pool = pool
        self._issuers = issuers
        self._secrets: Gathering[str, Grant | None] = Gathering(self._look_up, most=_TOGETHER)

    async def grant(self, secret: str) -> Grant | None:
        """Give what a token allows; None if it is unknown, expired or revoked.

        Raises Unavailable while nobody can tell.
        """
        if self._issuers.concerns(secret):
            return await self._issuers.grant(secret)
        return await self._secrets.bring(secret)

    async def _look_up(self, secrets: Sequence[str]) -> Sequence[Grant | None]:
        """Answer all who wait; a connection that was cut off is no reason to send them away."""
        # Every connection of the pool may have been cut off; each failing one leaves the pool. All
        # tries share one patience, so that nobody waits for it twice.
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self._pool.timeout
        found: dict[str, Grant | None] = {}
        while True:
            try:
                async with self._pool.connection(
                    timeout=max(give_up_at - clock(), 0)
                ) as connection:
                    for secret in set(secrets) - found.keys():
                        found[secret] = await grant_of(connection, secret, utc_now())
            except PoolTimeout:
                raise
            except psycopg.OperationalError:
                if clock() >= give_up_at:
                    raise
            else:
                return [found[secret] for secret in secrets]
