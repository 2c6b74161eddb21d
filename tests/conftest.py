"""Give every test a real PostgreSQL: one embedded server a run, one database a test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.embedded import EmbeddedPostgres
from ledger.migrate import migrate
from tests.scheduling import OncePerModule

_numbers = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OncePerModule:
    """Spread the tests over the processes of a run."""
    return OncePerModule(config, log)


# Programs that tests start add no events of their own, however long a test takes.
os.environ["LIFECYCLE_CLERK"] = "86400"


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
        # Programs are killed in these tests, the machine is not, so nothing waits for the disk.
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.SQL(setting)))
            connection.execute("SELECT pg_reload_conf()")
        yield conninfo
    finally:
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _create(server: str, name: str, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return make_conninfo(server, dbname=name)


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@pytest.fixture(scope="session")
def migrated(server: str) -> Iterator[str]:
    """Give the name of a migrated database to copy from."""
    name = f"template_{os.getpid()}"
    migrate(_create(server, name, "template0"))
    yield name
    _drop(server, name)


@pytest.fixture
def database(server: str, migrated: str) -> Iterator[str]:
    """Give the connection string of a fresh database with an empty ledger."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield _create(server, name, migrated)
    _drop(server, name)


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """Give the connection string of a database in which nothing exists yet."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    yield _create(server, name, "template0")
    _drop(server, name)
