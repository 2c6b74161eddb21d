"""Read and resolve the next batch of events while the database still writes the last one."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import Connection

from domain.envelope import Recorded
from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.reading import events_after
from projections.folding.projection import Changes
from projections.folding.resolution import changes as changes_of

Resolved = tuple[Sequence[Recorded], Changes]


class Lookahead:
    """Gives batches of resolved events, one of them ahead of being asked.

    Events never change, so what was read ahead on a connection of its own is as good as what the
    folding transaction would read.
    """

    def __init__(self, conninfo: str) -> None:
        """Read behind a connection string; the connection is opened when first needed."""
        self._conninfo = conninfo
        self._connection: Connection[Any] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._next: tuple[tuple[int, int], Future[Resolved]] | None = None

    def __enter__(self) -> Self:
        """Give itself."""
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
        """Give the events after a position, at most so many, and what they change."""
        ahead, self._next = self._next, None
        if ahead is not None and ahead[0] == (position, limit):
            return ahead[1].result()
        return self._thread.submit(self._read, position, limit).result()

    def prefetch(self, position: int, limit: int) -> None:
        """Start to read the batch that will probably be asked for next."""
        self._next = (position, limit), self._thread.submit(self._read, position, limit)

    def _read(self, position: int, limit: int) -> Resolved:
        """Read and resolve; runs in the thread, the only user of the connection."""
        if self._connection is None:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
            self._connection.execute(SET_ROLE, (APPLICATION_ROLE,))
        batch = events_after(self._connection, position, limit)
        return batch, Changes(changes_of(self._connection, batch))
