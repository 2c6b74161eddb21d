"""Have a migrated database while something runs: the one named, or an embedded one of our own."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from domain.errors import LedgerError
from ledger.embedded import EmbeddedPostgres
from ledger.migrate import migrate
from server.settings import Settings


class DatabaseUnreachable(LedgerError):
    """The database does not answer: {value}."""

    code = "database_unreachable"
    cure = "Check DATABASE_URL, or leave it out to use an embedded PostgreSQL."


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the connection string of the migrated database.

    An embedded server is shared by all processes that use the same folder; the last one stops it.
    Raises DatabaseUnreachable.
    """
    if settings.database_url:
        yield _migrated(settings.database_url)
        return
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "in-use").open("w") as note:
        # The lock goes when the process does, however it ends, so nothing has to be cleaned up.
        fcntl.flock(note, fcntl.LOCK_SH)
        embedded = EmbeddedPostgres(settings.postgres)
        try:
            yield _migrated(embedded.start())
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                embedded.stop()


def _migrated(conninfo: str) -> str:
    """Bring the database to the present schema."""
    try:
        migrate(conninfo)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(value=str(error).strip()) from error
    return conninfo
