"""Give every test a real PostgreSQL: one embedded server a run, one database a test."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ledger.embedded import EmbeddedPostgres
from ledger.migrate import migrate
from projections.catalogue import VIEWS
from projections.runner import Runner
from tests.databases import at, copied, create, drop
from tests.memory import keep_in_memory
from tests.scheduling import OncePerModule


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OncePerModule:
    """Spread the tests over the processes of a run."""
    return OncePerModule(config, log)


keep_in_memory()
# Programs that tests start add no events of their own, however long a test takes.
os.environ["LIFECYCLE_CLERK"] = "86400"
# They are told to end as from a terminal, even where these tests run in the background, which may
# have signals ignored by all that is started there.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Give the connection string of a server that lives as long as the run.

    `TEST_DATABASE_URL` names an existing server to use instead.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="ledger-test-"))
    embedded = EmbeddedPostgres(folder)
    try:
        conninfo = embedded.start()
        # Nothing waits for the disk, and nobody tidies up in databases that are soon gone.
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "autovacuum"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.SQL(setting)))
            connection.execute("SELECT pg_reload_conf()")
        yield conninfo
    finally:
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(server: str) -> Iterator[str]:
    """Give the name of a migrated database to copy from."""
    name = create(server, "template0")
    migrate(at(server, name))
    yield name
    drop(server, name)


@pytest.fixture(scope="session")
def modelled(server: str, migrated: str) -> Iterator[str]:
    """Give the name of a migrated database with the empty tables of all read models in it.

    Whoever opens a copy of it need not make them, which takes longer than most tests.
    """
    name = create(server, migrated)
    Runner(at(server, name), VIEWS).catch_up()
    yield name
    drop(server, name)


@pytest.fixture
def database(server: str, migrated: str) -> Iterator[str]:
    """Give the connection string of a fresh database with an empty ledger."""
    with copied(server, migrated) as conninfo:
        yield conninfo


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """Give the connection string of a database in which nothing exists yet."""
    with copied(server, "template0") as conninfo:
        yield conninfo
