"""Recognise who asks, for rates and records; what they may do is found out where it matters.

A token is looked up once in a few seconds. Rights are never taken from here.
"""

from collections import OrderedDict
from hashlib import sha256
from time import monotonic

import psycopg
from api.request import Caller
from psycopg_pool import PoolTimeout
from starlette.requests import HTTPConnection

from intake.grant import Right
from intake.tokens import label_of
from ledger.clock import utc_now
from server.bearer import granted, is_loopback, secret_of
from server.house import House

_SECONDS = 5.0
_MOST = 10_000
_ANYBODY = Caller()


class Callers:
    """Remembers the names of tokens for a few seconds."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._known: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def recognise(self, connection: HTTPConnection) -> Caller:
        """Give the caller behind a request; anybody without a token, or with one not valid."""
        secret = secret_of(connection)
        if secret is None:
            return _ANYBODY
        digest, now = sha256(secret.encode()).digest(), monotonic()
        until, caller = self._known.get(digest, (0.0, _ANYBODY))
        if until <= now:
            caller = await self._looked_up(connection, secret)
            self._known[digest] = (now + _SECONDS, caller)
            self._known.move_to_end(digest)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return caller

    async def admitted(self, connection: HTTPConnection, secret: str | None) -> Caller | None:
        """Tell who may read now over a connection that stays open; None for nobody.

        It is asked again while the connection stays, so nothing is remembered here. On this machine
        everybody may read without a token; one that is sent must hold all the same.
        """
        secret = secret or secret_of(connection)
        house: House = connection.app.state.house
        if secret is None:
            return _ANYBODY if is_loopback(house.settings.host) else None
        grant = await granted(connection, secret)
        if grant is None or Right.READ not in grant.rights:
            return None
        return await self._looked_up(connection, secret)

    async def _looked_up(self, connection: HTTPConnection, secret: str) -> Caller:
        house: House = connection.app.state.house
        try:
            async with house.pool.connection() as database:
                label = await label_of(database, secret, utc_now())
        except (psycopg.Error, PoolTimeout):
            # The question itself will say that the database is away.
            return _ANYBODY
        return _ANYBODY if label is None else Caller(label, is_limited=True)
