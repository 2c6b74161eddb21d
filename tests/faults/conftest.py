"""Start real servers, and see to it that none of them outlives its test."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from projections.catalogue import VIEWS
from projections.runner import Runner
from tests.databases import copied
from tests.faults.checking import digests_of
from tests.faults.crowd import deliver, portfolio
from tests.faults.program import Program, Server, stop_postgres_of
from tests.server.conftest import issue

AnyProgram = TypeVar("AnyProgram", bound=Program)
_numbers = itertools.count(1)
BACKLOG_PROJECTS = 460
"""Enough events for three batches of the projector."""


class Programs:
    """The programs that a test started, all with the same data folder."""

    def __init__(self) -> None:
        """Make the data folder."""
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-fault-"))
        self._started: list[Program] = []

    def serve(self, database: str | None, token: str | None = None, **environment: str) -> Server:
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


def name_of(database: str) -> str:
    """Give the name of a database from its connection string."""
    return str(conninfo_to_dict(database)["dbname"])


@pytest.fixture(scope="session")
def common_server(server: str, modelled: str) -> Iterator[Server]:
    """Give one running server for all tests that leave it unharmed."""
    with copied(server, modelled) as database:
        started = Programs()
        yield started.serve(database, issue(database)).ready()
        started.end()


@pytest.fixture(scope="session")
def backlog(server: str, migrated: str) -> Iterator[str]:
    """Give the name of a database with many events that no read model has followed yet."""
    with copied(server, migrated) as database:
        receipts = deliver(database, portfolio(BACKLOG_PROJECTS))
        assert {receipt["status"] for receipt in receipts} == {"accepted", "corrected"}
        yield name_of(database)


@pytest.fixture(scope="session")
def folded(server: str, backlog: str) -> Iterator[str]:
    """Give the name of a copy of the backlog in which the read models are up to date."""
    with copied(server, backlog) as database:
        # Other batches than the server's: that must not matter.
        Runner(database, VIEWS, batch=1_111).catch_up()
        yield name_of(database)


@pytest.fixture
def copy_of(server: str) -> Iterator[Callable[[str], str]]:
    """Give a function that copies a database for the length of a test."""
    with ExitStack() as stack:
        yield lambda template: stack.enter_context(copied(server, template))


@pytest.fixture(scope="session")
def expected(server: str, folded: str) -> dict[str, str]:
    """Give the digests of read models that nobody disturbed."""
    return digests_of(make_conninfo(server, dbname=folded))


@pytest.fixture
def project() -> str:
    """Give the id of a project that no other test uses."""
    return f"F{next(_numbers)}"
