"""Check a whole ledger after an accident: its bytes, its tree and all its read models."""

from typing import Any

import psycopg

from projections.catalogue import VIEWS
from projections.folding.content import digest
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.views.amendments import VIEW as AMENDMENTS
from projections.views.permits import VIEW as PERMITS
from projections.views.projects import VIEW as PROJECTS
from tests.ledger.conftest import check_ledger


def check_everything(conninfo: str) -> list[dict[str, Any]]:
    """Check bytes, chains, positions, tree and read models, and give the events.

    Nobody else may fold meanwhile.
    """
    events = check_ledger(conninfo)
    Runner(conninfo, VIEWS).catch_up()
    check_followed(conninfo, len(events))
    live = digests_of(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP SCHEMA read CASCADE")
        connection.execute("CREATE SCHEMA read AUTHORIZATION ledger_app")
    Runner(conninfo, VIEWS, batch=777).catch_up()
    assert digests_of(conninfo) == live
    return events


def check_rebuilding(conninfo: str) -> None:
    """Check that building read models anew beside the live ones changes nothing.

    One of each sort: what copies facts, what derives more from them, what tells of amendments.
    """
    live = digests_of(conninfo)
    for view in (PERMITS, PROJECTS, AMENDMENTS):
        rebuild(conninfo, view)
    assert digests_of(conninfo) == live


def check_followed(conninfo: str, position: int) -> None:
    """Check that every read model has followed up to a position without trouble."""
    with psycopg.connect(conninfo) as connection:
        tracked = connection.execute(
            "SELECT name, position, problem FROM read.tracking ORDER BY name"
        ).fetchall()
    assert tracked == [(name, position, None) for name in sorted(view.name for view in VIEWS)]


def digests_of(conninfo: str) -> dict[str, str]:
    """Give the digest of every row of every read model."""
    with psycopg.connect(conninfo) as connection:
        return {view.name: digest(connection, view, schema="read") for view in VIEWS}
