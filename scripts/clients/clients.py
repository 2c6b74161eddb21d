"""Try gql and a package that ariadne-codegen made: python clients.py http://HOST:PORT/graphql."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

WANTED = 2
PROJECTS = "{ projects(first: 3) { totalCount nodes { id title } } }"
EVENTS = "subscription ($after: Int) { events(after: $after) { position type } }"


async def try_gql(url: str) -> None:
    """Ask, be refused, and follow, with the schema fetched by introspection."""
    transport = AIOHTTPTransport(url=url)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        answer = await session.execute(gql(PROJECTS))
        assert answer["projects"]["totalCount"] >= 1
        code = None
        try:
            await session.execute(gql('{ project(id: "x") { intensity(basis: "x") } }'))
        except TransportQueryError as refused:
            code = (refused.errors or [{}])[0]["extensions"]["code"]
        assert code == "BAD_USER_INPUT"
    address = url.replace("http", "ws", 1)
    socket = WebsocketsTransport(url=address, subprotocols=["graphql-transport-ws"])
    async with Client(transport=socket) as session:
        request = gql(EVENTS)
        request.variable_values = {"after": 2}
        positions = []
        async for event in session.subscribe(request):
            positions.append(event["events"]["position"])
            if len(positions) == WANTED:
                break
        assert positions == [3, 4]


async def try_generated(url: str) -> None:
    """Ask with the typed client made from the published contract and operations."""
    sys.path.insert(0, str(Path(__file__).parent / "generated"))
    # The package was made just before.
    generated = import_module("ledger_client")
    async with generated.Client(url=url) as client:
        board = await client.board()
        assert isinstance(board.board, list)
        page = await client.events_after(after="0")
        assert page.events.nodes[0].position == 1


async def main(url: str) -> None:
    """Try one after the other."""
    for name, trial in (("gql", try_gql), ("ariadne-codegen", try_generated)):
        await trial(url)
        sys.stdout.write(f"ok      {name}\n")


asyncio.run(main(sys.argv[1]))
