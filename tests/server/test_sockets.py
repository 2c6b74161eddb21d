"""Programs follow the ledger over a WebSocket, each as what its token allows."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from api import socket
from psycopg import AsyncConnection
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from intake import tokens
from ledger.clock import utc_now
from server.operator import OPERATOR
from tests.server.conftest import issue

PROTOCOLS = ["graphql-transport-ws"]
EVENTS = "subscription ($a: Int) { events(after: $a) { position type } }"


class Client:
    """One socket, spoken to in messages."""

    def __init__(self, session: WebSocketTestSession) -> None:
        self.session = session

    def send(self, **message: Any) -> None:
        self.session.send_text(orjson.dumps(message).decode())

    def read(self) -> Any:
        return orjson.loads(self.session.receive_text())

    def open(self, payload: Any = None) -> None:
        self.send(type="connection_init", **({} if payload is None else {"payload": payload}))
        assert self.read() == {"type": "connection_ack"}

    def subscribe(self, identifier: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        self.send(type="subscribe", id=identifier, payload=payload)

    def closed(self) -> int:
        return self.left().code

    def left(self) -> WebSocketDisconnect:
        try:
            while True:
                self.session.receive_text()
        except WebSocketDisconnect as left:
            return left


@pytest.fixture
def talking(common_writer: TestClient) -> Iterator[Client]:
    register(common_writer, "there-is-something-to-follow")
    with common_writer.websocket_connect(
        "ws://127.0.0.1/graphql", subprotocols=PROTOCOLS
    ) as session:
        assert session.accepted_subprotocol == "graphql-transport-ws"
        yield Client(session)


def register(client: TestClient, record: str) -> int:
    event = {
        "specversion": "1.0",
        "type": "ProjectRegistered",
        "source": "/sources/register",
        "id": record,
        "occurredon": "2026-05-06",
        "data": {
            "title": record,
            "district": "320582",
            "industry_gb4754": "3985",
            "stage": "negotiating",
        },
    }
    headers = {"content-type": "application/cloudevents+json"}
    response = client.post("/events", content=orjson.dumps(event), headers=headers)
    return int(response.json()["position"])


def test_what_is_appended_arrives_in_order(talking: Client, common_writer: TestClient) -> None:
    before = register(common_writer, "followed-0")
    talking.open()
    talking.subscribe("1", EVENTS, a=before)

    positions = [register(common_writer, f"followed-{number}") for number in (1, 2)]

    for position in positions:
        message = talking.read()
        assert (message["type"], message["id"]) == ("next", "1")
        assert message["payload"]["data"]["events"]["position"] == position
    talking.send(type="complete", id="1")


def test_what_came_before_is_not_told(talking: Client, common_writer: TestClient) -> None:
    # Whoever begins to follow has seen what the read models have reached.
    known = register(common_writer, "known-before")
    asked = {"query": f"{{ projects(first: 1, atLeast: {known}) {{ totalCount }} }}"}
    assert "errors" not in common_writer.post("/graphql", json=asked).json()
    talking.open()
    talking.subscribe("1", "subscription { events { position } }")
    # The answer to a question says that the subscription before it has begun.
    talking.subscribe("2", "{ __typename }")
    assert [talking.read()["id"], talking.read()["id"]] == ["2", "2"]
    assert "lifecycle_graphql_followers 1.0" in common_writer.get("/metrics").text
    before = common_writer.get("/health").json()["position"]

    register(common_writer, "only-from-now-on")

    assert talking.read()["payload"]["data"]["events"]["position"] > before


def test_questions_are_answered_beside_subscriptions(talking: Client) -> None:
    talking.open()
    talking.subscribe("s", "subscription { position }")
    talking.subscribe("q", "{ __typename }")

    messages = [talking.read(), talking.read()]

    assert [(message["type"], message["id"]) for message in messages] == [
        ("next", "q"),
        ("complete", "q"),
    ]
    assert messages[0]["payload"]["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "payload",
    [
        {"query": "subscription {"},
        {"query": "subscription { nothing }"},
        {"query": "{ nothing }"},
        {"query": 7},
        {"query": "query ($n: Int!) { __typename }", "variables": {"n": "x"}},
        {"documentId": "nothing"},
    ],
)
def test_a_mistake_ends_only_its_own_operation(talking: Client, payload: Any) -> None:
    talking.open()
    talking.subscribe("1", "subscription { position(after: 0) }")
    talking.send(type="subscribe", id="2", payload=payload)
    found = [talking.read(), talking.read()]

    error = next(message for message in found if message["id"] == "2")
    assert error["type"] == "error"
    assert error["payload"][0]["message"]
    talking.subscribe("2", "{ __typename }")
    while (message := talking.read())["id"] != "2":
        pass
    assert message["type"] == "next"


def test_a_mutation_writes_with_the_token_of_the_socket(
    common_database: str, common_writer: TestClient
) -> None:
    retract = (
        'mutation { retract(target: "source:none/none", reason: "A mistake.") { status code } }'
    )
    with common_writer.websocket_connect(
        "ws://127.0.0.1/graphql", subprotocols=PROTOCOLS
    ) as session:
        client = Client(session)
        client.open({"Authorization": f"Bearer {issue(common_database)}"})
        client.subscribe("1", retract)

        message = client.read()

    assert message["type"] == "next", message


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["{"], 4400),
        (["[]"], 4400),
        (['{"type": "unknown"}'], 4400),
        (['{"type": "connection_init", "payload": 7}'], 4400),
        (['{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}'], 4401),
        (['{"type": "connection_init"}', '{"type": "connection_init"}'], 4429),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": 1, "payload": {}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1"}'], 4400),
        (
            [
                '{"type": "connection_init"}',
                *['{"type":"subscribe","id":"1","payload":{"query":"subscription{position}"}}'] * 2,
            ],
            4409,
        ),
        (['{"type": "connection_init", "payload": {"Authorization": "Bearer lcl_x"}}'], 4403),
    ],
)
def test_who_breaks_the_protocol_is_told_how(
    talking: Client, messages: list[str], code: int
) -> None:
    for message in messages:
        talking.session.send_text(message)

    assert talking.closed() == code


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/graphql?lang=zh", {}), ("/graphql", {"Accept-Language": "zh-CN"})],
)
def test_errors_and_reasons_are_told_in_the_language_of_the_handshake(
    common_writer: TestClient, path: str, headers: dict[str, str]
) -> None:
    twice = "名" * 100
    with common_writer.websocket_connect(
        f"ws://127.0.0.1{path}", subprotocols=PROTOCOLS, headers=headers
    ) as session:
        client = Client(session)
        client.open()
        refusals = []
        for number, query in enumerate(("{", "{ nothing }", "subscription { nothing }", "")):
            client.subscribe(str(number), query)
            refusals.append(client.read())
        client.send(type="subscribe", id=twice, payload={"query": "subscription { position }"})
        client.send(type="subscribe", id=twice, payload={"query": "subscription { position }"})
        left = client.left()

    assert all(message["type"] == "error" for message in refusals)
    assert not any(message["payload"][0]["message"].isascii() for message in refusals)
    assert left.code == 4409
    assert left.reason.startswith("标识名")
    assert len(left.reason.encode()) <= 123


def test_bytes_are_no_message(talking: Client) -> None:
    talking.session.send_bytes(b'{"type": "ping"}')

    assert talking.closed() == 4400


def test_a_ping_is_answered(talking: Client) -> None:
    talking.send(type="ping")

    assert talking.read() == {"type": "pong"}


def test_another_protocol_is_not_spoken(common_writer: TestClient) -> None:
    with common_writer.websocket_connect(
        "ws://127.0.0.1/graphql", subprotocols=["graphql-ws"]
    ) as session:
        assert Client(session).closed() == 4406


def test_pages_of_other_sites_get_no_socket(common_writer: TestClient) -> None:
    headers = {"origin": "http://elsewhere.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        common_writer.websocket_connect(
            "ws://127.0.0.1/graphql", subprotocols=PROTOCOLS, headers=headers
        ),
    ):
        pass


def test_a_socket_is_closed_when_its_token_is_revoked(
    common_database: str, common_writer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_INIT_SECONDS", 0.3)
    monkeypatch.setattr(socket, "CHECK_SECONDS", 0.1)
    soon = utc_now() + timedelta(seconds=0.8)
    secret = asyncio.run(issued_until(common_database, soon))
    with common_writer.websocket_connect(
        "ws://127.0.0.1/graphql", subprotocols=PROTOCOLS
    ) as session:
        client = Client(session)
        client.open({"Authorization": f"Bearer {secret}"})
        client.subscribe("1", "subscription { position }")

        assert client.closed() == 4403


def test_a_socket_that_nobody_initialises_is_closed(
    common_writer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_INIT_SECONDS", 0.1)
    with common_writer.websocket_connect(
        "ws://127.0.0.1/graphql", subprotocols=PROTOCOLS
    ) as session:
        assert Client(session).closed() == 4408


async def issued_until(database: str, expires_at: Any) -> str:
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        issued = await tokens.issue(
            connection, OPERATOR, label="short", at=utc_now(), expires_at=expires_at
        )
    return issued.secret
