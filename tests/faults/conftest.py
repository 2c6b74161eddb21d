"""Start real servers, and see to it that none of them outlives its test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.faults.program import Program, Server, stop_postgres_of
from tests.server.conftest import issue

AnyProgram = TypeVar("AnyProgram", bound=Program)
_numbers = itertools.count(1)


class Programs:
    """The programs that a test started, all with the same data folder."""

    def __init__(self) -> None:
        """Make the data folder."""
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-fault-"))
        self._started: list[Program] = []

    def serve(
        self, database: str | None, token: str | None = None, **environment: str
    ) -> Server:
        """Start a server over an existing database, or with one of its own."""
        url = {} if database is None else {"DATABASE_URL": database}
        return self._added(Server(self.folder, token, **url, **environment))

    def run(self, *arguments: str, **environment: str) -> Program:
        """Start any command."""
        return self._added(Program(self.folder, *arguments, **environment))

    def end(self) -> None:
        """Kill whatever still runs and leave nothing behind."""
        for program in self._started:
            if program.is_running:
                program.kill()
        stop_postgres_of(self.folder)
        shutil.rmtree(self.folder)

    def _added(self, program: AnyProgram) -> AnyProgram:
        self._started.append(program)
        return program


@pytest.fixture
def programs() -> Iterator[Programs]:
    """Give a starter of programs that ends them all."""
    started = Programs()
    yield started
    started.end()


@pytest.fixture
def token(database: str) -> str:
    """Give a token that may do everything in the test's database."""
    return issue(database)


@pytest.fixture(scope="session")
def common_database(server: str, migrated: str) -> Iterator[str]:
    """Give a database for all tests that only add to it."""
    name = f"faults_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        names = map(sql.Identifier, (name, migrated))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def common_server(common_database: str) -> Iterator[Server]:
    """Give one running server for all tests that leave it unharmed."""
    started = Programs()
    yield started.serve(common_database, issue(common_database)).ready()
    started.end()


@pytest.fixture
def project() -> str:
    """Give the id of a project that no other test uses."""
    return f"F{next(_numbers)}"
