"""Append with the eventsourcing library's own PostgreSQL recorder, as it comes: a peer."""

import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGconn
from psycopg.rows import DictRow
from psycopg.waiting import Ready, Wait

_POOL = 5
_PATIENCE_SECONDS = 60


class DefaultRecorder:
    """Times the library's recorder with the same bodies that the ledger appends."""

    def __init__(self, conninfo: str, writers: int) -> None:
        """Create its tables, with a pool that is large enough for so many writers."""
        given = conninfo_to_dict(conninfo)
        self._datastore = PostgresDatastore(
            dbname=str(given["dbname"]),
            host=str(given.get("host", "")),
            port=str(given.get("port", "")),
            user=str(given.get("user", "")),
            password=str(given.get("password", "")),
            pool_size=_POOL,
            max_overflow=writers - _POOL,
            connect_timeout=_PATIENCE_SECONDS,
        )
        self._datastore.pool.connection_class = _Flushing
        self._recorder = PostgresApplicationRecorder(self._datastore)
        self._recorder.create_table()

    def close(self) -> None:
        """Close its connections."""
        self._datastore.close()

    def singles(self, bodies: Sequence[bytes], writers: int) -> float:
        """Append bodies one by one from so many threads and give the events a second."""
        events = _stored(bodies)
        with ThreadPoolExecutor(writers) as pool:
            # The threads and the connections of the pool are not part of an append.
            list(pool.map(lambda _: self._recorder.max_notification_id(), range(2 * writers)))
            start = perf_counter()
            list(pool.map(lambda event: self._recorder.insert_events([event]), events))
            return len(events) / (perf_counter() - start)

    def bulk(self, calls: Iterable[Sequence[bytes]]) -> float:
        """Append bodies call by call and give the events a second."""
        stored = [_stored(bodies) for bodies in calls]
        start = perf_counter()
        for events in stored:
            self._recorder.insert_events(events)
        return sum(map(len, stored)) / (perf_counter() - start)


def _stored(bodies: Iterable[bytes]) -> list[StoredEvent]:
    """Make events of bodies, each in a stream of its own."""
    return [StoredEvent(uuid.uuid4(), 1, "ConstructionStarted", body) for body in bodies]


class _Flushing(Connection[DictRow]):
    """The default recorder's connection, kept from waiting for ever.

    In a pipeline psycopg waits for an answer while part of a long statement is
    still unsent; over a local socket 5,000 events a call then never return.
    """

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Send what is left whenever the driver only listens."""
        return super().wait(_flushed(gen, self.pgconn), interval, timeout)


def _flushed(gen: PQGen[Any], pgconn: PGconn) -> PQGen[Any]:
    """Turn waiting for an answer into sending and waiting while something is unsent."""
    try:
        wanted = next(gen)
        while True:
            if wanted == Wait.R and pgconn.flush():
                ready = yield Wait.RW
                if not ready & Ready.R:
                    continue
            else:
                ready = yield wanted
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value
