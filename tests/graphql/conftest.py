"""Open engines over the small world of the library."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import psycopg
import pytest
import strawberry
from api.contract import Contract, contract
from api.database import Readers
from api.engine import Engine, Settings
from api.http import graphql_routes
from api.plain import attach
from api.request import Request
from api.scalars import SCALARS
from api.served import Served
from starlette.applications import Starlette
from starlette.testclient import TestClient
from strawberry.schema.config import StrawberryConfig

from projections.folding.tracking import ensure
from tests.databases import copied
from tests.graphql.library import BOOK, NOW, ROOTS, SHELF, TABLES, Query
from tests.graphql.portfolio import record


@pytest.fixture(scope="session")
def library_contract() -> Contract:
    schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))
    joined = contract(schema._schema, (BOOK, SHELF), ROOTS)
    attach(joined)
    return joined


@pytest.fixture(scope="session")
def library(server: str, migrated: str) -> Iterator[str]:
    """A database with shelves and books, followed up to position 20; tests only read it."""
    with copied(server, migrated) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ensure(connection, ())
            connection.execute(TABLES)
        yield conninfo


@pytest.fixture(scope="session")
def portfolio(
    server: str, modelled: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database with some thirty projects; tests only read it."""
    with copied(server, modelled) as conninfo:
        record(conninfo, tmp_path_factory.mktemp("portfolio"))
        yield conninfo


class World:
    """An engine on an event loop of its own, asked from plain tests."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.runner = asyncio.Runner()

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def ask(self, query: str, *, plainly: bool = False, **variables: Any) -> Any:
        """Ask and give the answer as it is read by clients."""
        request = Request(query, variables=variables)
        return orjson.loads(self.run(self.engine.answer(request, plainly=plainly)).body)

    def close(self) -> None:
        self.run(self.engine.close())
        self.runner.close()


@pytest.fixture(scope="session")
def open_world(library: str, library_contract: Contract) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def opened(**settings: Any) -> World:
        readers = Readers(
            settings.pop("conninfo", library),
            size=settings.pop("connections", 2),
            milliseconds=settings.pop("milliseconds", 2000),
        )
        engine = Engine(library_contract, readers, clock=lambda: NOW, settings=Settings(**settings))
        worlds.append(World(engine))
        return worlds[-1]

    yield opened
    for world in worlds:
        world.close()


@pytest.fixture(scope="session")
def world(open_world: Callable[..., World]) -> World:
    return open_world()


@pytest.fixture(scope="module")
def client(library: str, library_contract: Contract) -> Iterator[TestClient]:
    """The endpoint over the library, without anything to write with."""
    engine = Engine(library_contract, Readers(library, size=2, milliseconds=1_000))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        yield
        await engine.close()

    served = Served(engine)
    app = Starlette(routes=graphql_routes(lambda _: served), lifespan=lifespan)
    with TestClient(app) as client:
        yield client
