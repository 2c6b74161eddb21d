"""Commit groups of facts: one transaction, two round trips, under one lock.

The first trip takes the writer's lock and reads what the group meets; then the
rows are made here; the second writes them and commits. Whoever reads the
ledger therefore sees positions appear in order, without a gap.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCopy
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from domain.draft import Draft
from domain.receipt import Receipt
from ledger import event_row
from ledger.clock import Timekeeper
from ledger.collection import collecting_later
from ledger.connection import connect_writer
from ledger.exchange import (
    CONTINUE,
    DECREED,
    NAMES,
    PUT,
    TAKE,
    continue_values,
    names,
    put_values,
    side_rows,
    standing,
)
from ledger.group import Group, names_in_question
from ledger.identity import Names
from ledger.key_place import keys_of
from ledger.rows import COPY_END, COPY_START, ROW_TYPES, RowType, copied, row_types, text_array

# From here on COPY is faster than an array, although it needs more round trips.
_COPIED_FROM = 1_000
# A chunk fits into the buffer of the connection, so that both sides work at the same time.
_CHUNK = 100


class Writer:
    """The one connection over which a process appends."""

    def __init__(self, connection: AsyncConnection[Any], types: dict[str, RowType]) -> None:
        """Use an open connection; `open` makes one."""
        self._connection = connection
        self._types = types
        self._keys = keys_of(connection)

    @classmethod
    async def open(cls, conninfo: str) -> "Writer":
        """Connect and learn the row types of the ledger's tables."""
        connection = await connect_writer(conninfo)
        found = await (await connection.execute(ROW_TYPES)).fetchall()
        return cls(connection, row_types(found))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def commit(
        self, drafts: Sequence[Draft], clock: Timekeeper, *, resumed: bool = False
    ) -> list[Receipt]:
        """Append what is to be appended and return when it is durable. Raises UnreadableKeys."""
        # New persons are seldom; who waits for the lock does not also wait for their keys.
        self._keys.prepare(name.value for draft in drafts for name in draft.names)
        try:
            if len(drafts) < _COPIED_FROM:
                return await self._commit_few(drafts, clock, resumed=resumed)
            with collecting_later():
                return await self._commit_many(drafts, clock, resumed=resumed)
        finally:
            await self._leave_transaction()

    async def _commit_few(
        self, drafts: Sequence[Draft], clock: Timekeeper, *, resumed: bool
    ) -> list[Receipt]:
        async with self._connection.pipeline():
            await self._connection.execute("BEGIN")
            group = await self._take(drafts)
            moment = clock.begin(group.last_recorded_at)
            receipts = [group.add(draft, moment(draft), resumed=resumed) for draft in drafts]
            group.close_head()
            if group.grown:
                await self._put(group)
                await self._send_all()
            await self._connection.execute("COMMIT")
        return receipts

    async def _send_all(self) -> None:
        """Send what is left of a long statement.

        In a pipeline the driver waits for answers even while part of the
        question is still here, and then both sides would wait for ever.
        """
        loop = asyncio.get_running_loop()
        while self._connection.pgconn.flush():
            writable = asyncio.Event()
            loop.add_writer(self._connection.fileno(), writable.set)
            try:
                await writable.wait()
            finally:
                loop.remove_writer(self._connection.fileno())

    async def _commit_many(
        self, drafts: Sequence[Draft], clock: Timekeeper, *, resumed: bool
    ) -> list[Receipt]:
        await self._connection.execute("BEGIN")
        group = await self._take(drafts)
        moment = clock.begin(group.last_recorded_at)
        receipts: list[Receipt] = []
        async with self._copy("events") as copy:
            # The server stores one chunk while the next is made.
            for start in range(0, len(drafts), _CHUNK):
                chunk = drafts[start : start + _CHUNK]
                receipts += [group.add(draft, moment(draft), resumed=resumed) for draft in chunk]
                await copy.write(event_row.copied(group.take_events()))
            # It still has chunks to store while the tree is extended.
            group.close_head()
        for table, made in side_rows(group).items():
            if made:
                async with self._copy(table) as copy:
                    await copy.write(copied(made))
        async with self._connection.pipeline():
            if group.grown:
                values = continue_values(group, self._types)
                await self._connection.execute(CONTINUE, values)
                await self._send_all()
            await self._connection.execute("COMMIT")
        return receipts

    @asynccontextmanager
    async def _copy(self, table: str) -> AsyncIterator[AsyncCopy]:
        """Copy rows into one of the ledger's tables."""
        statement = SQL("COPY ledger.{} FROM STDIN (FORMAT binary)").format(Identifier(table))
        async with self._connection.cursor().copy(statement) as copy:
            await copy.write(COPY_START)
            yield copy
            await copy.write(COPY_END)

    async def _take(self, drafts: Sequence[Draft]) -> Group:
        """Take the lock and begin a group on what the ledger holds."""
        streams = list({draft.stream: None for draft in drafts})
        keys = {draft.source_key: None for draft in drafts}
        async with self._connection.cursor(binary=True) as cursor:
            await cursor.execute(TAKE, [text_array(streams), text_array(keys)])
            [row] = await cursor.fetchall()
        decreed = 0
        if any(draft.beside is not None for draft in drafts):
            # Under the lock, so that no two policies are let in that were judged at once.
            [(decreed,)] = await (await self._connection.execute(DECREED)).fetchall()
        found = standing(streams, row, decreed)
        wanted = names_in_question(drafts, found.known) if found.known else []
        recorded = await self._names(wanted) if wanted else {}
        return Group(found, recorded, drafts, self._keys)

    async def _names(self, events: Sequence[str]) -> dict[str, Names]:
        cursor = await self._connection.execute(NAMES, [list(events)])
        return names(await cursor.fetchall(), self._keys)

    async def _put(self, group: Group) -> None:
        await self._connection.execute(PUT, put_values(group, self._types))

    async def _leave_transaction(self) -> None:
        """Roll back what a failure left open; a broken connection is left to its owner."""
        if self._connection.info.transaction_status in {
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        }:
            await self._connection.execute("ROLLBACK")
