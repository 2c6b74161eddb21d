"""Export from a database in tests, and find the outside schema that packages must fit."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api.engine import Settings
from api.request import Request
from api.serving import engine_over
from api.trusted import trusted_in

from server.exports.tables import OperationTable, Table, Wanted
from server.exports.writing import TableFile, streamed
from tests.graphql.conftest import World

SETTING = "OC4IDS_SCHEMA"
"""Names the folder of the schema of OC4IDS, where it is not in `shared` beside the project."""


def opened(conninfo: str) -> World:
    """Open an engine over a database, on a loop of its own."""
    settings = Settings(seconds=20)
    return World(
        engine_over(
            conninfo,
            settings=settings,
            trusted=trusted_in(),
            connections=2,
            statement_seconds=20,
        )
    )


@pytest.fixture(scope="module")
def world(portfolio: str) -> Iterator[World]:
    """Give the common portfolio, opened once for all tests of a file."""
    world = opened(portfolio)
    yield world
    world.close()


def table_of(world: World, query: str, **how: Any) -> OperationTable:
    """Ask a query to be a table."""
    times = how.pop("times", {})
    wanted = Wanted(times, how.pop("limit", None), how.pop("names", True))
    language = how.pop("language", "en")
    request = Request(query, variables=how.pop("variables", {}), language=language)
    return OperationTable(world.engine, request, wanted, title="table", **how)


def rows_of(world: World, table: Table) -> list[list[Any]]:
    """Read a table whole."""

    async def read() -> list[list[Any]]:
        return [list(row) async for rows in table.batches() for row in rows]

    found: list[list[Any]] = world.run(read())
    return found


def file_of(world: World, table: Table, file: TableFile) -> bytes:
    """Write a table into a file."""
    return joined(world, lambda: streamed(table, file))


def joined(world: World, pieces: Callable[[], Any]) -> bytes:
    """Put the pieces of a file together."""

    async def read() -> bytes:
        return b"".join([piece async for piece in pieces()])

    found: bytes = world.run(read())
    return found


def oc4ids_schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the schemas of a project and of a package, or skip the test and say why."""
    given = os.environ.get(SETTING)
    root = Path(__file__).resolve().parents[2]
    folders = [Path(given)] if given else [each / "shared" / "oc4ids" for each in root.parents]
    for folder in folders:
        project = folder / "oc4ids-project-schema.json"
        package = folder / "oc4ids-package-schema.json"
        if project.exists() and package.exists():
            return json.loads(project.read_text()), json.loads(package.read_text())
    pytest.skip(f"no OC4IDS schema in shared/oc4ids beside the project; {SETTING} names its folder")
