"""Follow the ledger with all read models.

One batch of events is read and resolved once, then folded by every read model that stands at
the same position, in one transaction that also moves their positions: rows and position commit
together, so a crash repeats or loses nothing. A read model that cannot fold an event stops
there, alone and visibly.
"""

import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from time import perf_counter
from typing import Any

import psycopg
from psycopg import Connection, Cursor, sql

from ledger.connection import APPLICATION_ROLE, SET_ROLE, hold_more
from ledger.reading import head_size
from projections.folding import tracking
from projections.folding.lookahead import Lookahead
from projections.folding.projection import SCHEMA, Changes, Projection
from projections.folding.tracking import LEASE, Tracked
from projections.spans import settling
from projections.terms import calendar

BATCH = 5_000
CHANNEL = "projected"
_MEASURED_AFTER = 500
_MANY = 16
_REST_FOR_WORK = 3.0
_LONGEST_REST_SECONDS = 0.2
"""While many events come, folding rests so much longer than it took: folding more of them together
costs little more, and meanwhile this process has other things to do."""
Progress = Callable[[int, int], None]
"""Told the position reached and the position aimed at."""


class Runner:
    """Keeps read models up to date; only one runner writes at a time, others wait their turn."""

    def __init__(
        self, conninfo: str, projections: Sequence[Projection], *, batch: int = BATCH
    ) -> None:
        """Follow the ledger behind a connection string in batches of so many events."""
        self._conninfo = conninfo
        self._projections = {projection.name: projection for projection in projections}
        self._batch = batch
        self._folded = 0

    def catch_up(self, progress: Progress | None = None) -> int:
        """Fold everything recorded so far and give the position that all running models reached."""
        with Lookahead(self._conninfo) as lookahead, self._connected() as connection:
            self._follow(connection, lookahead, progress)
            return min((state.position for state in self._running(connection)), default=0)

    def run(self, stopping: threading.Event, *, poll_seconds: float = 1.0) -> None:
        """Follow the ledger until told to stop, woken by each append."""
        while not stopping.is_set():
            try:
                with Lookahead(self._conninfo) as lookahead, self._connected() as connection:
                    connection.execute("LISTEN ledger")
                    while not stopping.is_set():
                        started = perf_counter()
                        if self._follow(connection, lookahead, None, stopping) > _MANY:
                            rest = _REST_FOR_WORK * (perf_counter() - started)
                            stopping.wait(min(rest, _LONGEST_REST_SECONDS))
                        for _ in connection.notifies(timeout=poll_seconds, stop_after=1):
                            pass
            except psycopg.OperationalError:
                # The database went away; what was not committed is folded again after it is back.
                stopping.wait(poll_seconds)

    def _connected(self) -> Connection[Any]:
        """Connect, with unqualified table names meaning the live read models."""
        connection = psycopg.connect(self._conninfo, autocommit=True)
        hold_more(connection)
        connection.execute(SET_ROLE, (APPLICATION_ROLE,))
        # What a crash of the machine takes back, rows and position together, is folded again.
        connection.execute("SELECT set_config('synchronous_commit', 'off', false)")
        tracking.ensure(connection, tuple(self._projections.values()))
        calendar.ensure(connection)
        settling.ensure(connection)
        connection.execute("SELECT set_config('search_path', %s, false)", (SCHEMA,))
        return connection

    def _running(self, connection: Connection[Any]) -> list[Tracked]:
        """Give the states of our read models that no event has stopped.

        A program of another version may have made one anew since; that one is no longer ours.
        """
        return [
            state
            for state in tracking.states(connection)
            if state.stopped_at is None
            and state.name in self._projections
            and tracking.is_current(state, self._projections[state.name])
        ]

    def _follow(
        self,
        connection: Connection[Any],
        lookahead: Lookahead,
        progress: Progress | None,
        stopping: threading.Event | None = None,
    ) -> int:
        """Fold batch after batch until every running read model is at the head; give how many."""
        folded = 0
        while stopping is None or not stopping.is_set():
            before = self._folded
            position, head = self._step(connection, lookahead)
            folded += self._folded - before
            if progress:
                progress(position, head)
            if position >= head:
                self._measure(connection, head)
                break
        return folded

    def _measure(self, connection: Connection[Any], head: int) -> None:
        """Let the database count the tables afresh after they grew by much.

        It does so by itself, but only a minute later, and until then it plans for empty tables.
        A small sample is enough for that minute; a large one takes as long as the folding.
        """
        if self._folded < max(_MEASURED_AFTER, head // 2):
            return
        tables = (name for view in self._projections.values() for name in view.tables())
        connection.execute("SELECT set_config('default_statistics_target', '15', false)")
        connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(_live, tables))))
        self._folded = 0

    def _step(self, connection: Connection[Any], lookahead: Lookahead) -> tuple[int, int]:
        """Fold one batch in one transaction; give the position reached and the ledger's head.

        The lease is taken for this transaction only and the positions are read under it, so several
        runners and rebuilds may take turns.
        """
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LEASE,))
            head = head_size(connection)
            states = self._running(connection)
            position = min((state.position for state in states), default=head)
            if position >= head:
                return position, head
            ahead = [state.position for state in states if state.position > position]
            limit = min(self._batch, min(ahead, default=head) - position)
            reached, changes = lookahead.batch(position, limit)
            group = [self._projections[s.name] for s in states if s.position == position]
            lookahead.prefetch(reached, head, self._batch, group)
            fold_or_stop(group, changes, reached, cursor)
            cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(reached)))
            self._folded += reached - position
            return reached, head


def _live(table: str) -> sql.Identifier:
    """Name a live table."""
    return sql.Identifier(SCHEMA, table)


def fold_or_stop(
    group: Sequence[Projection], changes: Changes, position: int, cursor: Cursor[Any]
) -> None:
    """Fold changes with read models that stand together and move their positions.

    One that cannot fold an event stops just before it; the others go on.
    """
    if _folded(group, changes, position, cursor) is None:
        return
    for projection in group:
        if _folded((projection,), changes, position, cursor) is not None:
            _fold_singly(projection, changes, position, cursor)


def _fold_singly(
    projection: Projection, changes: Changes, position: int, cursor: Cursor[Any]
) -> None:
    """Fold the changes of one position at a time, up to those that cannot be folded."""
    for at, together in groupby(changes.all, key=attrgetter("position")):
        problem = _folded((projection,), Changes(together), at, cursor)
        if problem is not None:
            tracking.stop(cursor, projection, at, problem)
            return
    tracking.remember(cursor, (projection,), position)


def _folded(
    group: Sequence[Projection], changes: Changes, position: int, cursor: Cursor[Any]
) -> str | None:
    """Fold changes in a savepoint; give what went wrong, if anything did, with nothing written."""
    try:
        with cursor.connection.transaction():
            for projection in group:
                projection.fold(changes, cursor)
            tracking.remember(cursor, group, position)
    except psycopg.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one read model does wrong stops only it
        return f"{type(error).__name__}: {error}"[:500]
    return None
