"""Run statements that are prepared once, over the connection of libpq that psycopg opened.

A cursor of psycopg makes Python objects of what comes back and waits piece by piece as it comes.
Answers are one text that goes out as it came in, so that here only its last piece is waited for.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection, generators, pq
from psycopg.adapt import PyFormat, Transformer

from api.statement import Wire

_CANCEL_SECONDS = 5.0


class PreparedStatements:
    """The prepared statements of one connection, those used last; one runs at a time.

    PostgreSQL holds nearly a hundred bytes for each byte of a statement, in every connection that
    prepared it, so it is the length of all of them together that is bounded.
    """

    def __init__(self, connection: AsyncConnection[Any], most_bytes: int) -> None:
        """Keep statements of so many bytes prepared, and in any case the last one."""
        self._connection = connection
        self._most_bytes = most_bytes
        self._bytes = 0
        self._names: OrderedDict[bytes, bytes] = OrderedDict()
        self._prepared = 0
        self._transformer = Transformer(connection)

    async def text(self, statement: bytes, values: Sequence[Wire]) -> bytes | None:
        """Run a statement and give the first column of its first row. Raises psycopg.Error."""
        async with self._connection.lock:
            name = self._names.get(statement)
            if name is None:
                name = await self._prepare(statement)
            else:
                self._names.move_to_end(statement)
            pgconn = self._connection.pgconn
            pgconn.send_query_prepared(name, self._dumped(values))
            result = await self._result()
            return None if result.ntuples == 0 else result.get_value(0, 0)

    def _dumped(self, values: Sequence[Wire]) -> Sequence[Any]:
        """Write values as PostgreSQL reads them; the casts of the statement give their types."""
        written: list[bytes | None] = []
        for value in values:
            if isinstance(value, list):
                return self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
            written.append(None if value is None else value.encode())
        return written

    async def _prepare(self, statement: bytes) -> bytes:
        """Prepare a statement, in the place of those that were used longest ago."""
        pgconn = self._connection.pgconn
        while self._names and self._bytes + len(statement) > self._most_bytes:
            unused, oldest = self._names.popitem(last=False)
            self._bytes -= len(unused)
            pgconn.send_query(b"DEALLOCATE " + oldest)
            await self._result()
        self._prepared += 1
        name = b"ready_%d" % self._prepared
        pgconn.send_prepare(name, statement)
        await self._result()
        self._names[statement] = name
        self._bytes += len(statement)
        return name

    async def _result(self) -> pq.abc.PGresult:
        """Wait for the result of what was sent. Raises psycopg.Error."""
        pgconn = self._connection.pgconn
        results: Sequence[pq.abc.PGresult]
        if pgconn.flush():
            # What does not fit into the socket at once is long anyway.
            results = await self._connection.wait(generators.execute(pgconn))
        else:
            results = await self._complete()
        if results[-1].status == pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(results[-1])
        return results[-1]

    async def _complete(self) -> list[pq.abc.PGresult]:
        """Wait until everything has come; who gives up before that has the statement cancelled."""
        pgconn, loop = self._connection.pgconn, asyncio.get_running_loop()
        complete: asyncio.Future[None] = loop.create_future()
        results: list[pq.abc.PGresult] = []

        def come() -> None:
            if complete.done():
                return
            try:
                if _is_complete(pgconn, results):
                    complete.set_result(None)
            except psycopg.Error as error:
                complete.set_exception(error)
            if complete.done():
                loop.remove_reader(socket)

        socket = pgconn.socket
        loop.add_reader(socket, come)
        try:
            await complete
        except asyncio.CancelledError:
            loop.remove_reader(socket)
            with suppress(psycopg.Error):
                await self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
                await self._connection.wait(generators.fetch_many(pgconn))
            raise
        return results


def _is_complete(pgconn: pq.abc.PGconn, results: list[pq.abc.PGresult]) -> bool:
    """Take what has come, without waiting for more; tell whether it was the end."""
    pgconn.consume_input()
    while not pgconn.is_busy():
        result = pgconn.get_result()
        if result is None:
            return True
        results.append(result)
    return False
