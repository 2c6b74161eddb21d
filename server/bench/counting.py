"""Count events with the eventsourcing library's own means: a peer for catching up.

An application records events in its default PostgreSQL recorder, and its `ProjectionRunner` follows
them with the simplest view there is, a counter in one row.
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

_PATIENCE_SECONDS = 60


class Site(Aggregate):
    """A place on which things are reported."""

    @event("Reported")
    def report(self, note: str) -> None:
        """Take a report."""
        self.note = note


class Sites(Application[UUID]):
    """Records sites."""


class Counted(PostgresTrackingRecorder):
    """A view of one number."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        """Add the table with the number."""
        super().__init__(datastore, **kwargs)
        table = sql.Identifier(datastore.schema, "counted")
        self.sql_create_statements.append(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} (id integer PRIMARY KEY, n bigint)").format(
                table
            )
        )
        self._add_one = sql.SQL(
            "INSERT INTO {0} AS c VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = c.n + 1"
        ).format(table)

    def add_one(self, tracking: Tracking) -> None:
        """Count an event and move the view's position, in one transaction."""
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._add_one)


class Counting(Projection[Counted]):
    """Counts every event."""

    name = "counting"

    @singledispatchmethod
    def process_event(self, _: object, tracking: Tracking) -> None:
        """Count it, whatever it is."""
        self.view.add_one(tracking)


def environment(conninfo: str) -> Mapping[str, str]:
    """Say to the library where its database is; all else stays as the library has it."""
    given = conninfo_to_dict(conninfo)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given.get("host", "")),
        "POSTGRES_PORT": str(given.get("port", "")),
        "POSTGRES_USER": str(given.get("user", "")),
        "POSTGRES_PASSWORD": str(given.get("password", "")),
    }


class Peer:
    """Catches up with events that were recorded beforehand."""

    def __init__(self, conninfo: str) -> None:
        """Open the application that records."""
        self._environment = dict(environment(conninfo))
        self._application = Sites(env=self._environment)

    def close(self) -> None:
        """Close the application."""
        self._application.close()

    def catch_up(self, count: int) -> float:
        """Record so many events, follow them and give how many a second were counted."""
        site = Site()
        for number in range(count - 1):
            site.report(f"report {number}")
        last = self._application.save(site)[-1].notification.id
        start = perf_counter()
        with ProjectionRunner(
            application_class=Sites,
            projection_class=Counting,
            view_class=Counted,
            env=self._environment,
        ) as runner:
            runner.wait(last, timeout=_PATIENCE_SECONDS)
            return count / (perf_counter() - start)
