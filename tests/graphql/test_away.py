"""While the database is away all who ask are told the same, after having waited a while."""

import asyncio
from pathlib import Path

import orjson
import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine, Settings
from api.reply import Answer
from api.request import Request
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from starlette.requests import HTTPConnection

from server.bearer import away
from tests.graphql.front import ROOM, House, run

QUESTION = Request("{ firstShelf { id } }")
SOCKET = ".s.PGSQL.5432"


def test_a_database_that_comes_back_is_waited_for(
    library: str, library_contract: Contract, tmp_path: Path
) -> None:
    readers = Readers(make_conninfo(library, host=str(tmp_path)), patience_seconds=60)
    parts = conninfo_to_dict(library)

    async def ask() -> Answer:
        engine = Engine(library_contract, readers, settings=Settings(seconds=60))
        try:
            asking = asyncio.create_task(engine.answer(QUESTION))
            for _ in range(10_000):
                if readers.is_away:
                    break
                await asyncio.sleep(0.005)
            (tmp_path / SOCKET).symlink_to(Path(str(parts["host"])) / SOCKET)
            return await asking
        finally:
            await engine.close()

    assert b'"firstShelf":{"id":"a"}' in asyncio.run(ask()).body
    assert not readers.is_away


def test_who_runs_out_of_time_is_told_that_the_database_is_away(
    library_contract: Contract, tmp_path: Path
) -> None:
    readers = Readers(f"host={tmp_path}", patience_seconds=60)

    async def ask() -> Answer:
        engine = Engine(library_contract, readers, settings=Settings(seconds=0.05))
        try:
            return await engine.answer(QUESTION)
        finally:
            # Whoever still tries to connect is stopped.
            await engine.close()

    assert asyncio.run(ask()).codes == ("UNAVAILABLE",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_with_a_token_and_without_one_the_same_is_told(
    library_contract: Contract, tmp_path: Path, language: str
) -> None:
    headers = [(b"accept-language", language.encode())]
    scope = {"type": "http", "path": "/graphql", "query_string": b"", "headers": headers}
    with_token = away(HTTPConnection(scope), psycopg.OperationalError())

    async def test(house: House) -> None:
        caller = await house.caller()
        for _ in range(2):
            first, given, body = await caller.ask(ROOM, f"accept-language: {language}")
            assert b" 503 " in first
            assert given[b"retry-after"].decode() == with_token.headers["retry-after"]
            assert orjson.loads(body) == orjson.loads(bytes(with_token.body))

    assert with_token.status_code == 503
    run(f"host={tmp_path}", library_contract, test)
