"""Followers get every event in order, from exactly where they stopped."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import orjson
import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from api.event_stream import Wording, send_stream
from api.following import Following
from api.http import GraphQLEndpoint
from api.preparation import Refusal
from api.request import Request
from api.served import Served
from api.serving import own_contract
from api.told import Told
from graphql import GraphQLError

from tests.graphql.conftest import World

FIELDS = "position type stream version occurredOn retracted actor { name } payload"


@pytest.fixture(scope="module")
def real_contract() -> Contract:
    return own_contract()


@pytest.fixture(scope="module")
def followed(portfolio: str, real_contract: Contract) -> Iterator[World]:
    world = World(Engine(real_contract, Readers(portfolio, size=3)))
    yield world
    world.close()


@pytest.fixture(scope="module")
def head(portfolio: str) -> int:
    with psycopg.connect(portfolio) as connection:
        ((head,),) = connection.execute("SELECT max(position) FROM ledger.events").fetchall()
    return int(head)


async def taken(engine: Engine, request: Request, *, until: int, after: int | None = None) -> Any:
    """Follow until a position and give what was told."""
    following = Following(engine)
    begun = following.begin(request, engine.prepared(request))
    found = []
    try:
        async for told in following.follow(begun, after=after):
            found.append(told)
            if told.position >= until:
                break
    finally:
        await following.close()
    return [orjson.loads(told.body)["data"] for told in found]


def test_every_event_comes_once_and_in_order(followed: World, head: int) -> None:
    request = Request(f"subscription {{ e: events(after: 0) {{ {FIELDS} }} }}")

    told = followed.run(taken(followed.engine, request, until=head))

    assert [data["e"]["position"] for data in told] == list(range(1, head + 1))
    pages, after = [], "0"
    while len(pages) < head:
        query = (
            f"query ($a: String) {{ events(first: 1000, after: $a) {{ nodes {{ {FIELDS} }} }} }}"
        )
        nodes = followed.ask(query, a=after)["data"]["events"]["nodes"]
        pages += nodes
        after = str(nodes[-1]["position"])
    assert [data["e"] for data in told] == pages


@pytest.mark.parametrize("stop", [1, 199, 200, 201, 777])
def test_who_was_cut_off_goes_on_where_they_stopped(followed: World, head: int, stop: int) -> None:
    request = Request(
        "subscription ($a: Int) { events(after: $a) { position } }", variables={"a": 0}
    )

    first = followed.run(taken(followed.engine, request, until=stop))
    rest = followed.run(taken(followed.engine, request, until=head, after=stop))

    positions = [data["events"]["position"] for data in first + rest]
    assert positions == list(range(1, head + 1))


def test_only_what_is_wanted_comes(followed: World, head: int, portfolio: str) -> None:
    with psycopg.connect(portfolio) as connection:
        rows = connection.execute(
            "SELECT e.position FROM ledger.events e JOIN read.projects p"
            " ON e.stream = 'project/' || p.project WHERE e.kind = 'ProjectSigned'"
            " AND p.district LIKE '320412%%' AND p.known_to > %s ORDER BY 1",
            [head],
        ).fetchall()
    wanted = sorted({position for (position,) in rows})
    request = Request(
        'subscription ($r: [ID!]) { events(after: 0, types: ["ProjectSigned"], region: $r)'
        " { position } }",
        variables={"r": ["320412"]},
    )

    told = followed.run(taken(followed.engine, request, until=wanted[-1]))

    assert wanted
    assert [data["events"]["position"] for data in told] == wanted


def test_the_position_is_told_at_once(followed: World, head: int) -> None:
    request = Request("subscription { position(after: 0) }")

    assert followed.run(taken(followed.engine, request, until=head)) == [{"position": head}]


def test_who_asks_the_same_shares_the_reading(followed: World, head: int) -> None:
    request = Request("subscription { events(after: 0) { position } }")
    engine = followed.engine

    async def all_at_once() -> Any:
        return await asyncio.gather(*(taken(engine, request, until=head) for _ in range(20)))

    told = followed.run(all_at_once())

    assert all(len(each) == head for each in told)


@pytest.mark.parametrize(
    "query",
    [
        "subscription { events(after: -1) { position } }",
        "subscription { events { nothing } }",
        "subscription { events { position } position }",
        'subscription { events(stream: "\\u0000") { position } }',
        'subscription { events(types: ["LandAward"]) { position } }',
        'subscription { events(region: ["Wujin"]) { position } }',
        'subscription { events(source: "") { position } }',
    ],
)
def test_what_cannot_begin_is_refused(followed: World, query: str) -> None:
    with pytest.raises((Refusal, GraphQLError)):
        followed.run(taken(followed.engine, Request(query), until=1))


def ask_over_http(world: World, body: bytes, accept: bytes, **headers: str) -> list[Any]:
    """Send one request to the endpoint and take what it sends until it is cut off."""
    sent: list[Any] = []
    done = asyncio.Event()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"accept", accept),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    received = iter([{"type": "http.request", "body": body}])

    async def receive() -> Any:
        for event in received:
            return event
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        sent.append(event)
        if len(sent) > 8:
            done.set()
            await asyncio.sleep(5)

    async def run() -> None:
        served = Served(world.engine)
        await GraphQLEndpoint(lambda _: served)(scope, receive, send)
        await served.following.close()

    world.run(run())
    return sent


def test_events_are_streamed_and_resumed_over_http(followed: World) -> None:
    body = b'{"query": "subscription { events(after: 0) { position } }"}'

    sent = ask_over_http(followed, body, b"text/event-stream", last_event_id="41")

    start, *frames = sent
    text = b"".join(frame["body"] for frame in frames)
    assert start["status"] == 200
    assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert b"\r" not in text
    first = text.split(b"\n\n")[1].decode()
    assert first == (
        "id: 42\nevent: next\n"
        'data: {"data":{"events":{"position":42}},"extensions":{"position":42}}'
    )


def test_json_wins_where_nothing_is_subscribed_to(followed: World) -> None:
    body = b'{"query": "{ __typename }"}'

    both = ask_over_http(followed, body, b"application/json, text/event-stream")
    only = ask_over_http(followed, body, b"text/event-stream")

    assert dict(both[0]["headers"])[b"content-type"].startswith(b"application/json")
    stream = b"".join(frame["body"] for frame in only[1:])
    assert b'event: next\ndata: {"data":{"__typename":"Query"}' in stream
    assert stream.endswith(b"event: complete\ndata:\n\n")


def test_a_subscription_is_not_answered_as_json(followed: World) -> None:
    body = b'{"query": "subscription { position }"}'

    start, answer = ask_over_http(followed, body, b"application/graphql-response+json")

    assert start["status"] == 400
    assert orjson.loads(answer["body"])["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_a_subscription_that_cannot_begin_is_refused_as_json(followed: World) -> None:
    body = b'{"query": "subscription { events { nothing } }"}'

    start, answer = ask_over_http(followed, body, b"text/event-stream, application/json")

    assert start["status"] in {200, 400}
    assert orjson.loads(answer["body"])["errors"]


def test_a_fault_in_mid_stream_is_told_in_the_stream() -> None:
    sent: list[Any] = []

    async def answers() -> AsyncGenerator[Told]:
        yield Told(1, b'{"data":1}')
        message = "The read models are being made; ask again in a moment."
        raise GraphQLError(message)

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(send_stream(send, answers(), [], Wording("zh")))

    assert [event["body"] for event in sent[2:]] == [
        b'id: 1\nevent: next\ndata: {"data":1}\n\n',
        'event: next\ndata: {"errors":[{"message":"视图正在生成，请稍后再查。"}]}\n\n'.encode(),
        b"event: complete\ndata:\n\n",
    ]
