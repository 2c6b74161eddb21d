"""Compare every read model with a fresh fold of the events, without touching the live tables.

The fresh fold goes into temporary tables that vanish with the connection.
"""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import Connection

from ledger.reading import events_after
from ledger.verification.finding import Findings
from projections.folding.content import digest
from projections.folding.projection import SCHEMA, Changes, Projection
from projections.folding.resolution import changes as changes_of
from projections.folding.tracking import Tracked, create_tables, is_current, states
from projections.runner import BATCH

TEMPORARY = "pg_temp"


def check_models(
    conninfo: str,
    projections: Sequence[Projection],
    findings: Findings,
    progress: Callable[[int, int], None],
) -> int:
    """Fold all read models anew up to where they stand, and give how many there are."""
    with (
        psycopg.connect(conninfo, autocommit=True) as live,
        psycopg.connect(conninfo, autocommit=True) as fresh,
        live.transaction(),
    ):
        # One snapshot for positions and rows, however far the live models go on meanwhile.
        live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if not _are_made(live):
            findings.add("models", "the read models have not been made yet")
            return 0
        tracked = {state.name: state for state in states(live)}
        followed = [view for view in projections if _follows(view, tracked, findings)]
        positions = {view.name: tracked[view.name].position for view in followed}
        _fold(fresh, followed, positions, progress)
        for view in followed:
            kept = digest(live, view, schema=SCHEMA)
            if kept != digest(fresh, view, schema=_temporary_schema(fresh)):
                message = f"{view.name} is not what the events say"
                findings.add("models", message, positions[view.name])
    return len(followed)


def _are_made(connection: Connection[Any]) -> bool:
    [(made,)] = connection.execute("SELECT to_regclass('read.tracking') IS NOT NULL").fetchall()
    return bool(made)


def _follows(view: Projection, tracked: dict[str, Tracked], findings: Findings) -> bool:
    """Tell whether a read model is there in today's form and was not stopped."""
    state = tracked.get(view.name)
    if state is None or not is_current(state, view):
        findings.add("models", f"{view.name} is not made in today's form")
        return False
    if state.problem is not None:
        findings.add("models", f"{view.name} has stopped: {state.problem}", state.stopped_at)
    return True


def _fold(
    connection: Connection[Any],
    views: Sequence[Projection],
    positions: dict[str, int],
    progress: Callable[[int, int], None],
) -> None:
    """Fold each read model into temporary tables, exactly up to its own position."""
    connection.execute("SELECT set_config('search_path', %s, false)", (TEMPORARY,))
    for view in views:
        create_tables(connection, view)
    end, position = max(positions.values(), default=0), 0
    while position < end:
        # A batch ends where some model ends, so that each is folded to its very position.
        stop = min(place for place in positions.values() if place > position)
        batch = events_after(connection, position, min(BATCH, stop - position))
        if not batch:
            return
        changes = Changes(changes_of(connection, batch))
        with connection.transaction(), connection.cursor() as cursor:
            for view in views:
                if positions[view.name] > position:
                    view.fold(changes, cursor)
        position = batch[-1].position
        progress(position, end)


def _temporary_schema(connection: Connection[Any]) -> str:
    """Name the schema in which this connection's temporary tables lie."""
    [(name,)] = connection.execute(
        "SELECT nspname::text FROM pg_namespace WHERE oid = pg_my_temp_schema()"
    ).fetchall()
    return str(name)
