"""A client that goes away stops its question, not what it wrote."""

import asyncio
import time
from typing import Any

from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from api.http import GraphQLEndpoint
from api.request import Request
from api.served import Served


def test_a_client_that_goes_away_stops_its_question(
    library: str, library_contract: Contract
) -> None:
    sent: list[Any] = []
    events = [
        {"type": "http.request", "body": b'{"query":"{ slow(seconds: \\"1.9\\") { id } }"}'},
        {"type": "http.disconnect"},
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def receive() -> Any:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    async def run() -> float:
        engine = Engine(library_contract, Readers(library, size=1))
        endpoint = GraphQLEndpoint(lambda _: Served(engine))
        started = time.perf_counter()
        await endpoint(scope, receive, send)
        elapsed = time.perf_counter() - started
        assert b"firstShelf" in (await engine.answer(Request("{ firstShelf { id } }"))).body
        await engine.close()
        return elapsed

    assert asyncio.run(run()) < 1.5
    assert sent == []
