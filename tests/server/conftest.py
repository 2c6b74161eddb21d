"""Run the web application in this process, on a fresh ledger, with a token that may write."""

import asyncio
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


def issue(database: str, grant: Grant = OPERATOR) -> str:
    """Give the secret of a new token."""

    async def run() -> str:
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            return (await tokens.issue(connection, grant, label="test", at=utc_now())).secret

    return asyncio.run(run())


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
