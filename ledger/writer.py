"""Commit groups of facts: one transaction, two round trips, under one lock.

The first trip takes the writer's lock and reads what the group meets; then the
rows are made here; the second writes them and commits. Whoever reads the
ledger therefore sees positions appear in order, without a gap.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus

from domain.draft import Draft
from domain.receipt import Receipt
from ledger.clock import Timekeeper
from ledger.connection import connect_writer
from ledger.group import Group, Last, Standing, names_in_question
from ledger.identity import Entry, Names
from ledger.rows import COPY_END, COPY_START, ROW_TYPES, RowType, copied, row_types
from ledger.tree import TILE_WIDTH, Edge, full_tiles, parent_tile

# From here on COPY is faster than an array, although it needs more round trips.
_COPIED_FROM = 1_000
_CHUNK = 100
_HASH_START = 8

_TAKE = "SELECT size, edge, recorded_at, last, known FROM ledger.take(%s::text[], %s::text[])"
_NAMES = "SELECT event::text, path, value FROM ledger.person_names WHERE event = ANY (%s::uuid[])"
_PUT = (
    "SELECT ledger.put(%s::ledger.heads[], %s::ledger.events[], %s::ledger.person_names[], "
    "%s::ledger.aliases[], %s::ledger.mentions[])"
)


class Writer:
    """The one connection over which a process appends."""

    def __init__(self, connection: AsyncConnection[Any], types: dict[str, RowType]) -> None:
        """Use an open connection; `open` makes one."""
        self._connection = connection
        self._types = types

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
        """Append what is to be appended and return when it is durable."""
        try:
            if len(drafts) < _COPIED_FROM:
                return await self._commit_few(drafts, clock, resumed=resumed)
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
        columns = "COPY ledger.events FROM STDIN (FORMAT binary)"
        async with self._connection.cursor().copy(columns) as copy:
            await copy.write(COPY_START)
            # The server stores one chunk while the next is made.
            for start in range(0, len(drafts), _CHUNK):
                chunk = drafts[start : start + _CHUNK]
                receipts += [group.add(draft, moment(draft), resumed=resumed) for draft in chunk]
                await copy.write(copied(group.take_events()))
            await copy.write(COPY_END)
        group.close_head()
        if group.grown:
            await self._put(group)
        await self._connection.execute("COMMIT")
        return receipts

    async def _take(self, drafts: Sequence[Draft]) -> Group:
        """Take the lock and begin a group on what the ledger holds."""
        streams = list({draft.stream: None for draft in drafts})
        keys = list({draft.source_key: None for draft in drafts})
        async with self._connection.cursor(binary=True) as cursor:
            await cursor.execute(_TAKE, [streams, keys])
            [row] = await cursor.fetchall()
        standing = _standing(streams, row)
        wanted = names_in_question(drafts, standing.known) if standing.known else []
        return Group(standing, await self._names(wanted) if wanted else {})

    async def _names(self, events: Sequence[str]) -> dict[str, Names]:
        cursor = await self._connection.execute(_NAMES, [list(events)])
        found: dict[str, dict[tuple[str, ...], str | None]] = {}
        for event, path, value in await cursor.fetchall():
            found.setdefault(event, {})[tuple(path)] = value
        return dict(found)

    async def _put(self, group: Group) -> None:
        types = self._types
        await self._connection.execute(
            _PUT,
            [
                types["heads"].array(group.heads),
                types["events"].array(group.take_events()),
                types["person_names"].array(group.names),
                types["aliases"].array(group.aliases),
                types["mentions"].array(group.mentions),
            ],
        )
        for level, index in full_tiles(group.began_at, group.size):
            # The tiles of the lowest level are made by the database from its rows.
            if level > 0:
                await self._store_parent(level, index)

    async def _store_parent(self, level: int, index: int) -> None:
        """Store a tile over 256 full tiles; it happens once in 65,536 events."""
        cursor = await self._connection.execute(
            "SELECT hashes FROM ledger.tiles WHERE level = %s AND index >= %s AND index < %s "
            "ORDER BY index",
            [level - 1, index * TILE_WIDTH, (index + 1) * TILE_WIDTH],
        )
        below = [hashes for (hashes,) in await cursor.fetchall()]
        await self._connection.execute(
            "INSERT INTO ledger.tiles (level, index, hashes) VALUES (%s, %s, %s)",
            [level, index, parent_tile(below)],
        )

    async def _leave_transaction(self) -> None:
        """Roll back what a failure left open; a broken connection is left to its owner."""
        if self._connection.info.transaction_status in {
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        }:
            await self._connection.execute("ROLLBACK")


def _standing(streams: Sequence[str], row: tuple[Any, ...]) -> Standing:
    size, edge, recorded_at, last, known = row
    found: dict[str, list[Entry]] = {}
    for key, identifier, position, kind, stream, version_key, digest in known or ():
        entry = Entry(identifier, position, kind, stream, version_key, bytes.fromhex(digest))
        found.setdefault(key, []).append(entry)
    return Standing(
        Edge() if size is None else Edge.from_bytes(size, edge),
        recorded_at,
        {
            stream: Last(int.from_bytes(joined[:_HASH_START], "big"), joined[_HASH_START:])
            for stream, joined in zip(streams, last, strict=True)
            if joined is not None
        },
        found,
    )
