"""A server that answers who comes again before the application, and callers who write bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import orjson
import uvicorn
import uvloop
from api.contract import Contract
from api.database import Readers
from api.engine import Engine, Settings
from api.http import graphql_routes
from api.regulars import Regulars
from api.served import Served
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from server.front import FrontDoor

ROOM = {"query": "{ firstShelf { id room } }"}
BOOKS = "query ($n: Int!) { books(first: $n) { nodes { id } } }"
SLOW = {"query": "query ($s: String!) { slow(seconds: $s) { id } }", "variables": {"s": "0.0"}}
WHILE = 0.05
"""Seconds in which a server that would answer has answered."""


class Entered:
    """An application that counts who comes in."""

    def __init__(self, engine: Engine) -> None:
        served = Served(engine)
        self.times = 0
        self.application = Starlette(routes=graphql_routes(lambda _: served))
        self.state = self.application.state
        self.state.regulars = Regulars(served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.times += 1
        await self.application(scope, receive, send)


class Caller:
    """One connection of a caller who writes bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, question: Any, *headers: str) -> tuple[bytes, dict[bytes, bytes], bytes]:
        self.writer.write(request(question, *headers))
        return await self.answer()

    async def answer(self) -> tuple[bytes, dict[bytes, bytes], bytes]:
        """Read one answer: its first line, its headers but those of the moment, its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 100 " in head:
            head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.rstrip().split(b"\r\n")
        headers = {name: value for name, _, value in (line.partition(b": ") for line in lines)}
        assert headers.pop(b"x-request-id")
        assert headers.pop(b"date")
        return first, headers, await self.reader.readexactly(int(headers[b"content-length"]))


def request(question: Any, *headers: str) -> bytes:
    body = question if isinstance(question, bytes) else orjson.dumps(question)
    lines = ("POST /graphql HTTP/1.1", "host: localhost", "content-type: application/json")
    head = "\r\n".join((*lines, *headers, f"content-length: {len(body)}"))
    return head.encode() + b"\r\n\r\n" + body


class House:
    """A server that runs, and the callers it has."""

    def __init__(self, application: Entered, engine: Engine, state: ServerState, port: int) -> None:
        self.application = application
        self.engine = engine
        self.state = state
        self._port = port
        self._callers: list[Caller] = []

    async def caller(self) -> Caller:
        """Let somebody connect."""
        self._callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self._port)))
        return self._callers[-1]

    async def close(self) -> None:
        """Have all callers leave."""
        for caller in self._callers:
            caller.writer.close()
            with suppress(ConnectionError):
                await caller.writer.wait_closed()


@asynccontextmanager
async def opened(conninfo: str, contract: Contract, **settings: Any) -> AsyncIterator[House]:
    engine = Engine(contract, Readers(conninfo, size=2), settings=Settings(**settings))
    application, state = Entered(engine), ServerState()
    config = uvicorn.Config(application, lifespan="off", log_config=None)
    config.load()
    state.default_headers = [(b"date", b"today"), *config.encoded_headers]
    server = await asyncio.get_running_loop().create_server(
        partial(FrontDoor, config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    house = House(application, engine, state, server.sockets[0].getsockname()[1])
    try:
        yield house
    finally:
        await house.close()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        # What callers left behind is being stopped, and gives back its connections.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await engine.close()


def run(
    conninfo: str, contract: Contract, test: Callable[[House], Awaitable[None]], **settings: Any
) -> None:
    """Run a test on the event loop that the program uses."""

    async def whole() -> None:
        async with opened(conninfo, contract, **settings) as house:
            await test(house)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(whole())
