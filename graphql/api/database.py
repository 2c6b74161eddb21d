"""Keep a few connections for reading and hand them out, the one used last first."""

import asyncio
import math
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Any, NamedTuple

import orjson
import psycopg
from psycopg import AsyncConnection, AsyncRawCursor

from api.prepared_statements import PreparedStatements
from api.statement import Wire
from ledger.key_place import keys_of
from projections.spans.spans import settled_near

_SETTINGS = (
    "SELECT set_config('statement_timeout', '{}ms', false), set_config('jit', 'off', false),"
    # Aggregates over a whole portfolio sort and hash in memory instead of in files.
    " set_config('work_mem', '64MB', false),"
    " set_config('default_transaction_read_only', 'on', false),"
    " set_config('DateStyle', 'ISO', false), set_config('TimeZone', 'UTC', false),"
    " pg_postmaster_start_time()::text"
)
_SET = (
    b"SELECT set_config('statement_timeout', $1, false), set_config('plan_cache_mode', $2, false),"
    b" set_config('enable_nestloop', $3, false)"
)
# What runs moves together; read models that stopped are named with the place where they did.
_STANDS = """SELECT t.reached || ' ' || coalesce(({}), -1)
        || ' ' || coalesce((SELECT max(e.number) FROM ledger.erasures e), 0) || ' ' || t.stopped
    FROM (SELECT coalesce(min(position) FILTER (WHERE stopped_at IS NULL), 0) AS reached,
        coalesce(json_object_agg(name, position) FILTER (WHERE stopped_at IS NOT NULL), '{{}}')
            AS stopped FROM read.tracking) t"""
# Who sees the work of the same transactions sees the same rows, so that nothing is read again. A
# copy that follows another server does not tell which of its transactions are still at work.
_POSITION = f"""SELECT CASE WHEN n.seen = $1::text THEN '' ELSE n.seen || ' ' || ({_STANDS}) END
    FROM (SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_current_snapshot()::text END
        AS seen) n"""
_REACHED = _POSITION.format("NULL::bigint").encode()
_STANDING = _POSITION.format(settled_near("t.reached")).encode()
_SETTLED = f"SELECT ({settled_near('$1::bigint')})::text".encode()
_NOTHING_SEEN = "-"
_MET = 500
_PREPARED_BYTES = 2_000_000
"""About twice as much as all published operations have."""
_PAUSE_SECONDS = 0.05


class Way(Enum):
    """How PostgreSQL plans a statement: the mode of its cache, and whether it may nest loops."""

    ANEW = ("force_custom_plan", "on")
    ONCE = ("force_generic_plan", "on")
    HASHED = ("force_custom_plan", "off")


class Position(NamedTuple):
    """How far the read models have come; those that an event stopped by themselves, by name.

    `settled` is a position at which the spans hold and from which on nothing else changed than
    what is known of single projects; None where there is no such position. `erased` is the number
    of the last erasure of a name, which changes answers without moving the position.
    """

    reached: int
    stopped: Mapping[str, int]
    settled: int | None = None
    erased: int = 0

    def of(self, tables: AbstractSet[str] | None) -> int:
        """Give the position up to which an answer from some tables, or from all, is whole."""
        if not self.stopped:
            return self.reached
        names = self.stopped.keys() if tables is None else self.stopped.keys() & tables
        return min([self.reached, *(self.stopped[name] for name in names)])


class Seen(NamedTuple):
    """Of which transactions the work could be seen, on which running server.

    Who sees the same again sees the same rows in every table.
    """

    server: str
    snapshot: str


class Reader:
    """One connection: every statement is prepared once and then only run."""

    def __init__(
        self, connection: AsyncConnection[Any], milliseconds: int, server: str = ""
    ) -> None:
        """Use a connection in autocommit mode on which no statement may take longer.

        `server` tells which server it is, and since when that runs.
        """
        self.connection = connection
        self.server = server
        self._keys = keys_of(connection)
        self._milliseconds = milliseconds
        self._set: tuple[str, ...] | None = None
        self._met: set[bytes] = set()
        self._stood: tuple[str, Position] | None = None
        self._statements = PreparedStatements(connection, _PREPARED_BYTES)

    async def text(self, statement: bytes, values: Sequence[Wire]) -> bytes | None:
        """Run a statement that gives one text and pass its bytes through, with names unlocked."""
        text = await self._statements.text(statement, values)
        return None if text is None else self._keys.unlocked_json(text)

    def meets_first(self, statement: bytes) -> bool:
        """Tell whether the connection has no plan for all values of a statement yet."""
        if statement in self._met:
            return False
        if len(self._met) >= _MET:
            self._met.clear()
        self._met.add(statement)
        return True

    async def set(self, way: Way, *, seconds: float | None = None) -> None:
        """Have the next statements planned in one of the ways; bound their time.

        Asking for what is so already costs nothing.
        """
        milliseconds = self._milliseconds
        if seconds is not None:
            milliseconds = max(1, min(milliseconds, math.ceil(seconds * 1000)))
        wanted = (f"{milliseconds}ms", *way.value)
        if wanted != self._set:
            # Forgotten first, so that a failure on the way is made good the next time.
            self._set = None
            await self.text(_SET, wanted)
            self._set = wanted

    async def rows(self, statement: bytes, values: Sequence[Wire]) -> list[tuple[Any, ...]]:
        """Run a statement and give its rows."""
        # Plain execution asks for several fields at once; each answer needs a cursor of its own.
        async with AsyncRawCursor(self.connection) as cursor:
            await cursor.execute(statement, values)
            rows = await cursor.fetchall()
        return [tuple(map(self._keys.unlocked_value, row)) for row in rows]

    async def position(self) -> Position | None:
        """Tell how far the read models have followed the ledger; None before they are made."""
        try:
            text = await self._position()
        except psycopg.errors.UndefinedTable:
            return None
        if not text and self._stood is not None:
            return self._stood[1]
        seen, reached, settled, erased, stopped = (text or b" 0 -1 0 {}").split(b" ", 4)
        position = Position(
            int(reached),
            {} if stopped == b"{}" else orjson.loads(stopped),
            None if settled == b"-1" else int(settled),
            int(erased),
        )
        self._stood = (seen.decode(), position) if seen else None
        return position

    @property
    def seen(self) -> Seen | None:
        """Give what the position was seen by that was looked up last; None if that is no help."""
        return None if self._stood is None else Seen(self.server, self._stood[0])

    async def _position(self) -> bytes | None:
        """Give position, settlement and what stopped, also where spans were never made.

        Give nothing where no transaction has ended since this connection looked last.
        """
        seen = _NOTHING_SEEN if self._stood is None else self._stood[0]
        try:
            return await self.text(_STANDING, (seen,))
        except psycopg.errors.UndefinedTable:
            return await self.text(_REACHED, (seen,))

    async def settled(self, known: int) -> int | None:
        """Give the position nearest to another at which the spans hold, as `Position.settled`."""
        text = await self.text(_SETTLED, (str(known),))
        return None if text is None else int(text)


class Readers:
    """A bounded set of connections, opened when they are needed and kept while they work."""

    def __init__(
        self,
        conninfo: str,
        *,
        size: int = 8,
        milliseconds: int = 5_000,
        patience_seconds: float = 0.0,
    ) -> None:
        """Open nothing yet; no statement may run longer than the given time.

        A database that is away is waited for as long as patience lasts.
        """
        self.conninfo = conninfo
        self.is_away = False
        self._patience_seconds = patience_seconds
        self._milliseconds = milliseconds
        self._idle: deque[Reader] = deque()
        self._free = asyncio.Semaphore(size)

    def lend(self) -> "Loan":
        """Lend a connection for the length of an `async with`."""
        return Loan(self)

    async def take(self) -> Reader:
        """Wait for a connection; the one used last comes first, since its caches are warm."""
        await self._free.acquire()
        try:
            while self._idle:
                reader = self._idle.pop()
                if not reader.connection.closed:
                    return reader
            return await self.opened()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, reader: Reader) -> None:
        """Keep a connection that still works."""
        if not reader.connection.closed:
            self._idle.append(reader)
        self._free.release()

    async def opened(self) -> Reader:
        """Open a connection that is not one of the bounded set; its owner closes it."""
        connection = await self._connected()
        try:
            cursor = await connection.execute(_SETTINGS.format(self._milliseconds).encode())
            told = await cursor.fetchone()
        except BaseException:
            await connection.close()
            raise
        return Reader(connection, self._milliseconds, server=str(told[-1]) if told else "")

    async def _connected(self) -> AsyncConnection[Any]:
        """Connect, also when the database is back after a while. Raises OperationalError."""
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self._patience_seconds
        while True:
            try:
                connection = await AsyncConnection.connect(
                    self.conninfo, autocommit=True, prepare_threshold=0
                )
            except psycopg.OperationalError:
                self.is_away = True
                if clock() >= give_up_at:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self.is_away = False
                return connection

    async def close(self) -> None:
        """Close the connections that are not in use; new ones are opened when they are needed."""
        while self._idle:
            with suppress(psycopg.Error):
                await self._idle.pop().connection.close()


class Loan:
    """A connection that returns by itself."""

    __slots__ = ("_reader", "_readers")

    def __init__(self, readers: Readers) -> None:
        """Take nothing yet."""
        self._readers = readers
        self._reader: Reader | None = None

    async def __aenter__(self) -> Reader:
        """Take a connection."""
        self._reader = await self._readers.take()
        return self._reader

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        if self._reader is not None:
            self._readers.give_back(self._reader)
            self._reader = None
