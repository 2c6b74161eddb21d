"""Settle the spans of projects and nodes: bring them to what would be judged at present.

The settler follows the read models as those follow the ledger, but at leisure: it waits until
nothing more comes for a moment, and takes a small share of the time where more always comes.
"""

import threading
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from ledger.connection import APPLICATION_ROLE, SET_ROLE
from projections.folding.belief import OPEN
from projections.judging.node_details import NODE_COLUMNS
from projections.spans import board_counting, board_days
from projections.spans.board_counting import STEPPED
from projections.spans.card_days import CARD_COLUMNS
from projections.spans.life_days import LIFE_COLUMNS
from projections.spans.page import SPANS_OF_PAGE, ask, gathered, prepare
from projections.spans.settled_findings import CREATE as CREATE_FINDINGS
from projections.spans.settled_findings import FINDING_COLUMNS, FINDINGS
from projections.spans.span_days import NODE_KEY, PROJECT_COLUMNS
from projections.spans.spans import (
    CREATE,
    DEFINITION,
    TABLES,
    VALID,
    changed_between,
    settled_near,
)

LOCK = 7_205_759_403_792_797
"""The advisory lock under which the tables are made."""
_SETTLING = 7_205_759_403_792_799
"""The advisory lock that is held by whoever settles."""
_REST_FOR_WORK = 10
"""How much longer than the work the rest after it is, while facts keep coming."""
_PAGE = 2_000


def _replaced(
    name: str, key: tuple[str, ...], columns: tuple[str, ...], returning: str = ""
) -> str:
    """Close the spans of one table that are no longer said, and write those that are new.

    Spans are found by where they begin and then compared in full. `returning` says what is given of
    those closed and written.
    """
    same = " AND ".join(f"f.{column} = o.{column}" for column in (*key, "day_from"))
    rest = ("day_to", *columns)
    fresh, kept = (", ".join(f"{alias}.{column}" for column in rest) for alias in "fo")
    equal = f"{same} AND ({fresh}) IS NOT DISTINCT FROM ({kept})"
    names = ", ".join((*key, "day_from", *rest))
    # Each project is looked up by itself: spans may have grown by much since they were counted.
    return f"""held_{name} AS MATERIALIZED (
    SELECT o.* FROM unnest($2::text[]) AS p (project) CROSS JOIN LATERAL (
        SELECT o.ctid AS place_held, o.* FROM read.{name}_spans o
        WHERE o.project = p.project AND o.known_to = {OPEN} OFFSET 0) o),
closed_{name} AS (
    UPDATE read.{name}_spans o SET known_to = $known
    WHERE o.ctid = ANY (ARRAY(SELECT o.place_held FROM held_{name} o
        WHERE NOT EXISTS (SELECT FROM fresh_{name} f WHERE {equal}))){returning}),
written_{name} AS (
    INSERT INTO read.{name}_spans ({names}, known_from, known_to)
    SELECT {names}, $known, {OPEN} FROM fresh_{name} f
    WHERE NOT EXISTS (SELECT FROM held_{name} o WHERE {equal}){returning})"""


_SETTLE = f"""WITH {SPANS_OF_PAGE},
{_replaced("project", ("project",), PROJECT_COLUMNS, " RETURNING *")},
{STEPPED},
{_replaced("node", NODE_KEY, NODE_COLUMNS)},
{_replaced("card", ("project",), CARD_COLUMNS)},
{_replaced("life", ("project",), LIFE_COLUMNS)}
SELECT"""

_FOUND, _HELD = (", ".join(f"{alias}.{name}" for name in FINDING_COLUMNS) for alias in "fo")
_SAME_FINDING = f"f.project = o.project AND ({_FOUND}) IS NOT DISTINCT FROM ({_HELD})"
_FINDINGS_HELD = f"o.project = ANY ($2::text[]) AND o.known_to = {OPEN}"
_SETTLE_FINDINGS = f"""WITH {FINDINGS},
held_finding AS MATERIALIZED (SELECT o.* FROM read.findings o WHERE {_FINDINGS_HELD}),
closed_finding AS (
    UPDATE read.findings o SET known_to = $known WHERE {_FINDINGS_HELD}
        AND NOT EXISTS (SELECT FROM fresh_finding f WHERE {_SAME_FINDING}))
INSERT INTO read.findings (project, {", ".join(FINDING_COLUMNS)}, known_from, known_to)
SELECT f.project, {_FOUND}, $known, {OPEN} FROM fresh_finding f
WHERE NOT EXISTS (SELECT FROM held_finding o WHERE {_SAME_FINDING})"""

_UNSETTLED = f"""WITH last AS MATERIALIZED ({settled_near("$known", lists=False)}),
    relisted AS MATERIALIZED (SELECT l.project FROM last s JOIN read.lists p
        ON {changed_between("p", "s.position", "$known")}
        JOIN read.listings l ON l.list_id = p.list_id)
    SELECT {{what}} FROM read.touched t
    WHERE t.project > $2::text AND (NOT EXISTS (SELECT FROM last)
        OR t.position > (SELECT least(s.position, $known) FROM last s)
        OR t.project IN (SELECT r.project FROM relisted r))"""
_HOW_MANY = _UNSETTLED.format(what="count(*)")
_NEXT = f"{_UNSETTLED.format(what='t.project')} ORDER BY t.project LIMIT $3::integer"
_NOTE = f"""INSERT INTO read.settlements VALUES ($known, '{DEFINITION}', ARRAY[{TABLES}])
    ON CONFLICT (position) DO UPDATE
        SET definition = excluded.definition, tables = excluded.tables"""

_FORGET = f"DELETE FROM read.settlements s WHERE NOT ({VALID})".encode()
_UP_TO = f"SELECT coalesce(max(s.position), 0) FROM read.settlements s WHERE {VALID}".encode()


def ensure(connection: Connection[Any]) -> None:
    """Create the tables of spans and settlements, if they are not there."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if connection.execute("SELECT to_regclass('read.findings')").fetchone() == (None,):
            connection.execute((CREATE + CREATE_FINDINGS + board_days.CREATE).encode())


Progress = Callable[[int, int], None]
"""Told how many projects have been judged, and how many there are to be."""


def settle(
    connection: Connection[Any],
    position: int,
    page: int = _PAGE,
    progress: Progress | None = None,
) -> int:
    """Bring the spans to what is known at a position and give how many projects were judged.

    Each page of projects is a transaction of its own. Until the settlement is noted nobody reads
    what has been written, so that a settling that is cut off does no harm.
    """
    judged, before = 0, _settled_up_to(connection)
    if position <= before:
        # Read models of which one is being made anew stand further back than they did; they will
        # be back where the spans are.
        return judged
    prepare(connection)
    [(total,)] = ask(connection, _HOW_MANY, position, "") if progress else [(0,)]
    for projects in _pages(connection, position, page):
        with connection.transaction():
            with gathered(connection, position, projects):
                ask(connection, _SETTLE, position, projects)
            ask(connection, _SETTLE_FINDINGS, position, projects)
        judged += len(projects)
        if progress:
            progress(judged, total)
    with connection.transaction():
        connection.execute(_FORGET)
        board_counting.count(connection, position, afresh=before == 0)
        ask(connection, _NOTE, position)
        board_counting.thin(connection, position)
    return judged


def _settled_up_to(connection: Connection[Any]) -> int:
    """Give the last settlement that holds; 0 if there is none."""
    [(position,)] = connection.execute(_UP_TO).fetchall()
    return int(position)


def settled_position(connection: Connection[Any], position: int) -> int | None:
    """Give the last settlement that serves questions at a position."""
    rows = ask(connection, settled_near("$known"), position)
    return rows[0][0] if rows else None


def _pages(connection: Connection[Any], position: int, size: int) -> Iterator[list[str]]:
    """Give the projects whose states may be others than the spans say, page by page."""
    last = ""
    while True:
        rows = ask(connection, _NEXT, position, last, size)
        if not rows:
            return
        projects = [project for (project,) in rows]
        last = projects[-1]
        yield projects


class Stand(NamedTuple):
    """The position that the read models have reached, and what tells that they were made anew."""

    position: int
    mark: str


NOTHING = Stand(0, "")


class Settler:
    """Settles the spans again and again; of several processes one does it at a time."""

    def __init__(self, conninfo: str) -> None:
        """Follow the read models behind a connection string."""
        self._conninfo = conninfo

    def settle(self, progress: Progress | None = None) -> int:
        """Settle once at the position the read models have reached, and give it.

        Whoever settles meanwhile is waited for.
        """
        with self._connected() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_SETTLING,))
            position = _stand(connection).position
            settle(connection, position, progress=progress)
            return position

    def run(self, stopping: threading.Event, *, poll_seconds: float = 1.0) -> None:
        """Settle whenever there is something to settle, until told to stop."""
        while not stopping.is_set():
            try:
                with self._connected() as connection:
                    self._follow(connection, stopping, poll_seconds)
            except psycopg.Error:
                # The database went away, or a read model was being made anew. What was not noted
                # is settled again, and until then everything is judged.
                stopping.wait(poll_seconds)

    def _follow(
        self, connection: Connection[Any], stopping: threading.Event, poll_seconds: float
    ) -> None:
        """Settle after quiet moments, or after a rest that is long beside the work before it."""
        before, done, rested, rest = NOTHING, NOTHING, 0.0, 0.0
        while not stopping.wait(poll_seconds):
            stand = _stand(connection)
            rested += poll_seconds
            if stand != done and (stand == before or rested > rest):
                started = perf_counter()
                if _alone(connection):
                    settle(connection, stand.position)
                    connection.execute("SELECT pg_advisory_unlock(%s)", (_SETTLING,))
                done, rested, rest = stand, 0.0, _REST_FOR_WORK * (perf_counter() - started)
            before = stand

    def _connected(self) -> Connection[Any]:
        """Connect as the role that owns the read models."""
        connection = psycopg.connect(self._conninfo, autocommit=True)
        connection.execute(SET_ROLE, (APPLICATION_ROLE,))
        connection.execute(
            "SELECT set_config('synchronous_commit', 'off', false),"
            " set_config('jit', 'off', false), set_config('work_mem', '32MB', false),"
            " set_config('default_statistics_target', '10', false)"
        )
        return connection


def _stand(connection: Connection[Any]) -> Stand:
    """Tell how far all running read models are, by which tables and by which last settlement."""
    if connection.execute("SELECT to_regclass('read.settlements')").fetchone() == (None,):
        return NOTHING
    row = connection.execute(
        "SELECT coalesce(min(position) FILTER (WHERE stopped_at IS NULL), 0),"
        f" concat(ARRAY[{TABLES}], (SELECT max(s.position) FROM read.settlements s))"
        " FROM read.tracking".encode()
    ).fetchone()
    assert row is not None
    return Stand(*row)


def _alone(connection: Connection[Any]) -> bool:
    """Tell whether no other process settles."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_SETTLING,)).fetchone()
    return row == (True,)
