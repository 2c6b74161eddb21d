"""While only this machine may ask, it is asked for by its own names only."""

from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.hosts import OwnNamesOnly
from server.settings import Settings


def client_of(settings: Settings) -> TestClient:
    async def greet(_: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    return TestClient(
        Starlette(
            routes=[Route("/", greet), WebSocketRoute("/", talk)],
            middleware=[Middleware(OwnNamesOnly, settings=settings)],
        )
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("ledger.localhost:8000", 200),
        ("[::1]:8000", 200),
        ("127.5.5.5", 200),
        ("elsewhere.example", 421),
        ("elsewhere.example:8000", 421),
        ("127.0.0.1.elsewhere.example", 421),
        ("localhost.elsewhere.example", 421),
        ("192.168.1.7", 421),
        ("[fe80::1]", 421),
        ("x" * 1000, 421),
    ],
)
def test_other_names_are_refused(settings: Settings, host: str, status: int) -> None:
    response = client_of(settings).get("/", headers={"host": host})

    assert response.status_code == status
    assert ("hello" in response.text) == (status == 200)


def test_a_name_of_a_proxy_is_answered_once_it_is_listed(settings: Settings) -> None:
    listed = replace(settings, names=("ledger.example",))

    response = client_of(listed).get("/", headers={"host": "Ledger.example"})

    assert response.text == "hello"


def test_whoever_listens_to_others_is_asked_by_any_name(settings: Settings) -> None:
    open_to_all = replace(settings, host="192.0.2.1")

    assert client_of(open_to_all).get("/", headers={"host": "any.example"}).text == "hello"


def test_no_socket_is_opened_under_another_name(settings: Settings) -> None:
    client = client_of(settings)
    with client.websocket_connect("/", headers={"host": "localhost"}):
        pass

    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/", headers={"host": "elsewhere.example"}),
    ):
        pass
