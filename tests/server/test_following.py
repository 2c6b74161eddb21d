"""`GET /events` gives every event in order, as a stream that goes on or page by page."""

import asyncio
import threading
import time
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address
from typing import Any

import orjson
import psycopg
import pytest
from starlette.testclient import TestClient

from server import following
from server.app import application
from server.settings import Settings
from tests.intake.events import delivered, registration
from tests.server.conftest import issue

COUNT = 450
EVERYWHERE = str(IPv4Address(0))


@pytest.fixture(scope="module")
def followed(common_writer: TestClient) -> TestClient:
    """Give a client of a ledger with more events than a page of the follower's own holds."""
    sent = [registration("follow-r", subject="project/followed")]
    sent += [delivered(f"follow-{number}", subject="project/followed") for number in range(COUNT)]
    position = common_writer.post("/events", json=sent).json()["position"]
    wait_for(common_writer, position)
    return common_writer


def wait_for(client: TestClient, position: int) -> None:
    query = f"{{ board(atLeast: {position}) {{ region }} }}"
    assert "errors" not in client.post("/graphql", json={"query": query}).json()


def page(client: TestClient, **asked: Any) -> Any:
    answer = client.get("/events", params={"limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def positions(found: Any) -> list[int]:
    return [event["position"] for event in found["events"]]


def streamed(client: TestClient, query: str, until: int, **headers: str) -> list[tuple[int, Any]]:
    """Follow until so many events came, then leave."""
    assert client.portal is not None
    return client.portal.call(partial(follow, client, query, until, **headers))


async def follow(
    client: TestClient, query: str, until: int, **headers: str
) -> list[tuple[int, Any]]:
    """Follow until so many events came, then leave."""
    frames: list[bytes] = []
    started: dict[str, Any] = {}
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
            return
        frames.extend(part for part in message["body"].split(b"\n\n") if part.startswith(b"id"))
        if len(frames) >= until:
            left.set()
            raise OSError

    sent = {"host": "127.0.0.1", "accept": "text/event-stream", **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/events",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), v.encode()) for name, v in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }
    with suppress(OSError):
        await asyncio.wait_for(client.app(scope, receive, send), 10)
    assert started["status"] == 200
    assert dict(started["headers"])[b"content-type"].startswith(b"text/event-stream")
    found = []
    for frame in frames[:until]:
        identifier, data = frame.split(b"\n")
        found.append((int(identifier[4:]), orjson.loads(data[6:])))
    return found


def test_pages_give_every_event_once_and_in_order(followed):
    whole, after = [], 0
    while True:
        found = page(followed, after=after, limit=77)
        whole += positions(found)
        after = found["after"]
        if not found["more"]:
            break

    assert whole == list(range(1, whole[-1] + 1))
    assert len(whole) > COUNT
    assert page(followed, after=whole[-1]) == {"events": [], "after": whole[-1], "more": False}


def test_a_stream_gives_what_the_pages_give_and_is_resumed_exactly(followed):
    every = page(followed, stream="project/followed")["events"]
    first = streamed(followed, "after=0&stream=project/followed", 250)
    rest = streamed(
        followed,
        "after=0&stream=project/followed",
        len(every) - 250,
        last_event_id=str(first[-1][0]),
    )

    assert [event for _, event in first + rest] == every
    assert [identifier for identifier, _ in first] == [event["position"] for event in every[:250]]


def test_who_waits_is_told_of_the_next_event(followed, project):
    after = page(followed, after=0)["after"]
    last = page(followed, after=after)["after"]
    sent = [registration(f"{project}-r", subject=f"project/{project}")]
    position = followed.post("/events", json=sent).json()["position"]

    [(identifier, event)] = streamed(followed, f"after={last}", 1)

    assert identifier == event["position"] == position
    assert event["stream"] == f"project/{project}"


def test_many_who_wait_are_each_told_what_is_theirs_exactly_once(followed, project):
    wishes = (
        *("kind=LandDelivered", "kind=LandDelivered", f"stream=project/{project}"),
        *(f"stream={project}-b", f"source={project}", "region=3303&kind=LandDelivered", ""),
    )
    there = followed.app.state.served.following
    after = page(followed, after=0, kind="LedgerOpened")["after"]
    while page(followed, after=after)["more"]:
        after = page(followed, after=after)["after"]
    after = page(followed, after=after)["after"]
    expected = (12, 12, 7, 7, 14, 6, 14)
    told = [
        followed.portal.start_task_soon(partial(follow, followed, f"after={after}&{wish}", count))
        for wish, count in zip(wishes, expected, strict=True)
    ]
    while there.followers < len(wishes):
        time.sleep(0.01)
    for name in (project, f"{project}-b"):
        sent = [registration(f"{name}-r", subject=f"project/{name}", source=f"/sources/{project}")]
        sent[0]["data"]["district"] = "330300" if name == project else "330400"
        followed.post("/events", json=sent).raise_for_status()
        for number in range(6):
            row = delivered(f"{name}-{number}", subject=f"project/{name}")
            followed.post("/events", json=[row | {"source": f"/sources/{project}"}])

    for wish, each in zip(wishes, told, strict=True):
        query = dict(part.split("=") for part in wish.split("&") if part)
        assert [position for position, _ in each.result(10)] == positions(
            page(followed, after=after, **query)
        )
    while there.followers:
        time.sleep(0.01)


def test_followers_choose_by_kind_stream_source_and_region(followed, project):
    sent = [registration(f"{project}-r", subject=f"project/{project}", source="/sources/chosen")]
    sent[0]["data"]["district"] = "320412"
    wait_for(followed, followed.post("/events", json=sent).json()["position"])

    registered = page(followed, stream="project/followed", kind="ProjectRegistered")
    both = page(followed, stream="project/followed", kind="ProjectRegistered,LandDelivered")
    assert [event["type"] for event in registered["events"]] == ["ProjectRegistered"]
    assert len(both["events"]) == COUNT + 1
    places = ({"region": "3204"}, {"region": "320400"})
    for chosen in ({"source": "chosen"}, *places, {"stream": project}):
        assert {event["stream"] for event in page(followed, **chosen)["events"]} == {
            f"project/{project}"
        }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=99999999999", "after"),
        ("after=9999999", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("kind=Nothing", "kind"),
        ("kinds=LandDelivered", "kinds"),
        ("region=3204&region=Wujin", "region"),
        ("region=9905", "region"),
        ("stream=a&stream=b", "stream"),
        *((f"{name}=", name) for name in ("kind", "region", "stream", "source")),
        ("kind=LandDelivered,", "kind"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_by_its_field(followed, query, field):
    answer = followed.get(f"/events?{query}", headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["cure"]


def test_nul_and_the_like_are_no_fault_of_ours(followed):
    assert followed.get("/events?limit=1&stream=%00").status_code == 400
    assert followed.head("/events?after=0").status_code == 200


def test_elsewhere_following_needs_a_token_that_may_read(database, tmp_path, engine):
    settings = Settings(data=tmp_path, host=EVERYWHERE)
    app = application(settings, database, engine=engine)
    with TestClient(app, base_url="http://ledger.example") as client:
        assert client.get("/events?limit=1").status_code == 401
        client.headers["Authorization"] = f"Bearer {issue(database)}"
        assert client.get("/events?limit=1").status_code == 200


def test_whoever_follows_is_sent_away_when_the_server_stops(settings, database, engine):
    app = application(settings, database, engine=engine)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.portal is not None
        client.portal.call(app.state.served.following.leave)

        answer = client.get("/events?after=0", headers={"Accept": "text/event-stream"})

    assert answer.status_code == 200
    assert '"code":"unavailable"' in answer.text


def test_a_follower_whose_token_is_revoked_is_sent_away(database, tmp_path, engine, monkeypatch):
    monkeypatch.setattr(following, "ASKED_AGAIN_SECONDS", 0.05)
    settings = Settings(data=tmp_path, host=EVERYWHERE)
    app = application(settings, database, engine=engine)
    with TestClient(app, base_url="http://ledger.example") as client:
        client.headers["Authorization"] = f"Bearer {issue(database)}"
        timer = threading.Timer(0.5, revoke, [database])
        timer.start()

        answer = client.get("/events?after=0", headers={"Accept": "text/event-stream"})

        timer.join()
        assert answer.status_code == 200
        assert client.get("/events?limit=1").status_code == 401


def revoke(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO ledger.token_revocations SELECT id, now() FROM ledger.tokens"
        )
