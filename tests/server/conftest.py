"""Run the web application in this process, on a fresh ledger, with a token that may write."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from api.serving import own_contract
from psycopg import AsyncConnection
from starlette.testclient import TestClient

from intake import tokens
from intake.grant import Grant
from ledger.clock import utc_now
from server.app import application
from server.operator import OPERATOR
from server.settings import Settings
from tests.databases import copied

_numbers = itertools.count(1)


def issue(database: str, grant: Grant = OPERATOR) -> str:
    """Give the secret of a new token."""

    async def run() -> str:
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            return (await tokens.issue(connection, grant, label="test", at=utc_now())).secret

    return asyncio.run(run())


@pytest.fixture
def database(server: str, modelled: str) -> Iterator[str]:
    """Give the connection string of a fresh database, whose read models are there and empty."""
    with copied(server, modelled) as conninfo:
        yield conninfo


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with small limits."""
    return Settings(data=tmp_path, largest_body=100_000)


@pytest.fixture(scope="session")
def public_contract() -> Contract:
    """Put the GraphQL contract together once; that takes longer than most tests."""
    return own_contract()


@pytest.fixture
def engine(public_contract: Contract, database: str) -> Engine:
    """Give an engine over the test's database."""
    return Engine(public_contract, Readers(database))


@pytest.fixture
def client(settings: Settings, database: str, engine: Engine) -> Iterator[TestClient]:
    """Give a client without a token."""
    app = application(settings, database, engine=engine)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def writer(client: TestClient, database: str) -> TestClient:
    """Give the client with a token that may do everything."""
    client.headers["Authorization"] = f"Bearer {issue(database)}"
    return client


@pytest.fixture(scope="session")
def common_database(server: str, modelled: str) -> Iterator[str]:
    """Give a database for all tests that leave nothing behind which another would trip over."""
    with copied(server, modelled) as database:
        yield database


@pytest.fixture(scope="session")
def common_writer(
    common_database: str, public_contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """Give a client with every right, of one application for all those tests."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), largest_body=100_000)
    engine = Engine(public_contract, Readers(common_database))
    app = application(settings, common_database, engine=engine)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {issue(common_database)}"
        yield client


@pytest.fixture
def project() -> str:
    """Give the id of a project that no other test uses."""
    return f"S{next(_numbers)}"
