"""Read and resolve the next batch of events, and write its rows out, while the last is stored."""

import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import psycopg
from psycopg import Connection

from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.reading import events_after
from projections.folding.projection import Changes, Projection
from projections.folding.resolution import changes as changes_of

_FIRST = 1_000
_DEPTH = 2
"""So many batches are read ahead: then this thread always has something to do, and so has the
database."""
_TURN_SECONDS = 0.0005
"""Whoever folds mostly waits for the database. When there is an answer, it must not wait for its
turn as well, which the reading thread would otherwise keep for ten times as long."""
_IN_ORDER = """
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)
"""
"""Events lie in their order already. Before the ledger is counted a plan would collect all that
follow and sort them, for every batch."""
Resolved = tuple[int, Changes]
"""The last position of a batch, and what its events change."""


class _Ahead(NamedTuple):
    """The events after a position and up to another, or what was wrong when they were read."""

    after: int
    up_to: int
    resolved: Future[Resolved]


class Lookahead:
    """Gives batches of resolved events, some of them ahead of being asked.

    Events never change, so what was read ahead on a connection of its own is as good as what the
    folding transaction would read.
    """

    def __init__(self, conninfo: str) -> None:
        """Read behind a connection string."""
        self._conninfo = conninfo
        self._connection: Connection[Any] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._ahead = deque[_Ahead]()

    def __enter__(self) -> Self:
        """Let threads take turns more often, and connect while others do as well."""
        sys.setswitchinterval(_TURN_SECONDS)
        self._thread.submit(self._connected)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is being read and close the connection."""
        self._thread.shutdown(cancel_futures=True)
        if self._connection is not None:
            self._connection.close()

    def batch(self, position: int, limit: int) -> Resolved:
        """Give the events after a position, at most so many, and what they change.

        If nothing was read ahead these are only the first few, while more are read: then the
        database has something to do.
        """
        ahead = self._ahead.popleft() if self._ahead else None
        if ahead is not None and ahead.after == position and ahead.up_to <= position + limit:
            return ahead.resolved.result()
        for other in self._ahead:
            other.resolved.cancel()
        self._ahead.clear()
        return self._thread.submit(self._read, position, min(limit, _FIRST), ()).result()

    def prefetch(
        self, position: int, head: int, limit: int, projections: Sequence[Projection]
    ) -> None:
        """Read the batches ahead that these read models will probably fold after a position."""
        while len(self._ahead) < _DEPTH:
            after = self._ahead[-1].up_to if self._ahead else position
            if after >= head:
                return
            up_to = after + min(limit, _share(head - after))
            resolved = self._thread.submit(self._read, after, up_to - after, projections)
            self._ahead.append(_Ahead(after, up_to, resolved))

    def _read(self, position: int, limit: int, projections: Sequence[Projection]) -> Resolved:
        """Read and resolve; runs in the thread, the only user of the connection."""
        connection = self._connected()
        batch = events_after(connection, position, limit)
        changes = Changes(changes_of(connection, batch))
        for projection in projections:
            # What is wrong with an event shows again when it is folded, and stops only who meets it
            # there.
            with suppress(Exception):
                projection.write_ahead(changes)
        return batch[-1].position, changes

    def _connected(self) -> Connection[Any]:
        """Give the connection; what fails when it is opened fails again when it is needed."""
        if self._connection is None:
            connection = psycopg.connect(self._conninfo, autocommit=True)
            connection.execute(SET_ROLE, (APPLICATION_ROLE,))
            connection.execute(_IN_ORDER)
            self._connection = connection
        return self._connection


def _share(left: int) -> int:
    """Give how many of the events that are left to read next.

    Batches get smaller towards the end, since nothing is read while the last one is stored.
    """
    return min(left, max(_FIRST, left // 2))
