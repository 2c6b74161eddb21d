"""Followers outlast a restart of the database, and one who does not read holds up nobody."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from ledger.embedded import EmbeddedPostgres
from tests.faults.conftest import Programs
from tests.faults.crowd import post
from tests.faults.program import Server, conninfo_of, postgres_of, wait_until
from tests.intake.events import registration
from tests.server.conftest import issue

pytestmark = pytest.mark.slow


@contextmanager
def follow(server: Server, query: str) -> Iterator[ClientConnection]:
    """Open a socket and subscribe."""
    address = server.address.replace("http", "ws", 1) + "/graphql"
    with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as follower:
        follower.send('{"type":"connection_init"}')
        assert orjson.loads(follower.recv())["type"] == "connection_ack"
        message = {"type": "subscribe", "id": "1", "payload": {"query": query}}
        follower.send(orjson.dumps(message).decode())
        yield follower


def told(follower: ClientConnection) -> Any:
    message = orjson.loads(follower.recv(timeout=30))
    assert message["type"] == "next", message
    return message["payload"]["data"]["events"]["position"]


def append(server: Server, *records: str) -> None:
    with server.client() as client:
        post(client, [registration(name, subject=f"project/{name}") for name in records])


def test_a_follower_outlasts_a_restart_of_the_database(programs: Programs) -> None:
    server = programs.serve(None, LIFECYCLE_PATIENCE="1").ready()
    server.token = issue(conninfo_of(programs.folder))
    append(server, "before-1", "before-2")
    with follow(server, "subscription { events(after: 0) { position } }") as follower:
        first = [told(follower), told(follower)]
        postgres_of(programs.folder)[0].send_signal(signal.SIGQUIT)
        wait_until(lambda: not postgres_of(programs.folder), "end of the database")
        EmbeddedPostgres(programs.folder / "postgres").start()
        wait_until(lambda: server.health()["status"] == "ok", "health")
        append(server, "after-1")

        later = told(follower)

    assert [*first, later] == [1, 2, 3]
    assert "Traceback" not in server.output


def test_one_who_does_not_read_holds_up_nobody(programs: Programs) -> None:
    server = programs.serve(None).ready()
    server.token = issue(conninfo_of(programs.folder))
    append(server, *(f"many-{number}" for number in range(1000)))
    query = "subscription { events(after: 0) { position payload source { recordId } } }"
    place = urlsplit(server.address)
    body = orjson.dumps({"query": query})
    with ExitStack() as sleepers, follow(server, query) as follower:
        for _ in range(20):
            sleeper = sleepers.enter_context(socket.create_connection((place.hostname, place.port)))
            sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sleeper.sendall(
                b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(body), body)
            )
        positions = [told(follower) for _ in range(1000)]
        started = time.monotonic()
        append(server, "last")
        assert told(follower) == 1001
        waited = time.monotonic() - started

    assert positions == list(range(1, 1001))
    assert waited < 5
    wait_until(lambda: server.health()["status"] == "ok", "health")
