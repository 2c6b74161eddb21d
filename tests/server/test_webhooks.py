"""Webhooks get every wanted event in order, signed, and what they do not take is kept."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from api.database import Readers
from api.engine import Engine
from psycopg import AsyncConnection
from standardwebhooks import Webhook as Verifier
from starlette.testclient import TestClient

from domain.errors import Malformed
from ledger.clock import utc_now
from server import delivering, webhooks
from server.app import application
from tests.intake.events import delivered, registration
from tests.server.conftest import issue


class Receiver:
    """Takes what is posted, and answers as it is told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.refused: set[str] = set()
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.asked = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.asked += 1
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.answers.pop(0) if receiver.answers else 200
                if any(word.encode() in body for word in receiver.refused):
                    status = 422
                if status == 200:
                    receiver.taken.append((dict(self.headers.items()), body))
                self.send_response(status)
                self.send_header("location", "http://127.0.0.1:1/")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"

    def verified(self, secret: str) -> list[Any]:
        """Give what was taken, once its signatures hold."""
        return [Verifier(secret).verify(body, headers) for headers, body in self.taken]


@pytest.fixture(autouse=True)
def hurried(monkeypatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(delivering, "PAUSES_SECONDS", (0.02, 0.02, 0.02))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def asked(client: TestClient, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Do something to the webhooks over the application's own database."""

    async def run() -> Any:
        house = client.app.state.house
        async with await AsyncConnection.connect(house.conninfo, autocommit=True) as connection:
            return await act(connection, *args, **more)

    assert client.portal is not None
    return client.portal.call(run)


def add(client: TestClient, url: str, after: int | None = 0, **wanted: Any) -> webhooks.Webhook:
    added = asked(client, webhooks.add, "w", url, wanted, after=after, at=utc_now())
    assert isinstance(added, webhooks.Webhook)
    return added


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def send(client: TestClient, *numbers: int) -> int:
    facts = [
        delivered(f"d{number}") | {"data": {"parcel_id": f"P-{number}-"}} for number in numbers
    ]
    return int(client.post("/events", json=facts).json()["position"])


def parcels(found: list[Any]) -> list[str]:
    return [each["data"]["payload"]["parcel_id"] for each in found]


def test_events_come_in_order_signed_and_retried(writer, receiver):
    writer.post("/events", json=[registration()])
    receiver.answers = [500, 302, 503]
    hook = add(writer, receiver.url, types=["LandDelivered"])

    last = send(writer, *range(10))
    wait(lambda: len(receiver.taken) == 10)

    found = receiver.verified(hook.secret)
    assert parcels(found) == [f"P-{number}-" for number in range(10)]
    assert [each["type"] for each in found] == ["LandDelivered"] * 10
    assert {each["data"]["id"] for each in found} == {
        headers["webhook-id"] for headers, _ in receiver.taken
    }
    assert receiver.asked == 13
    wait(lambda: asked(writer, webhooks.listed)[0]["position"] == last)
    [row] = asked(writer, webhooks.listed)
    assert (row["attempts"], row["problem"], row["dead_letters"]) == (0, None, 0)
    assert "secret" not in row


def test_what_is_never_taken_is_a_dead_letter_until_it_is_taken(writer, receiver):
    writer.post("/events", json=[registration()])
    receiver.refused = {"P-1-"}
    hook = add(writer, receiver.url, types=["LandDelivered"])
    send(writer, 0, 1, 2)
    wait(lambda: len(receiver.taken) == 2)

    [dead] = asked(writer, webhooks.dead_letters, "w")
    assert (dead["attempts"], dead["problem"]) == (3, "HTTP 422")
    assert parcels(receiver.verified(hook.secret)) == ["P-0-", "P-2-"]

    assert asked(writer, webhooks.want_again, "w") == 1
    wait(lambda: asked(writer, webhooks.dead_letters, "w")[0]["attempts"] == 4)
    assert not asked(writer, webhooks.dead_letters, hook.id)[0]["is_wanted"]

    receiver.refused = set()
    assert asked(writer, webhooks.want_again, "w", dead["position"]) == 1
    wait(lambda: not asked(writer, webhooks.dead_letters, "w"))
    assert parcels(receiver.verified(hook.secret)) == ["P-0-", "P-2-", "P-1-"]


def test_a_restart_goes_on_where_it_stopped(settings, database, public_contract, receiver):
    token = {"Authorization": f"Bearer {issue(database)}"}
    app = application(settings, database, engine=Engine(public_contract, Readers(database)))
    with TestClient(app, base_url="http://127.0.0.1", headers=token) as client:
        client.post("/events", json=[registration()])
        hook = add(client, receiver.url, types=["LandDelivered"])
        last = send(client, 0, 1)
        wait(lambda: asked(client, webhooks.listed)[0]["position"] == last)
        receiver.answers = [503] * 2
        send(client, 2)
        wait(lambda: not receiver.answers)

    app = application(settings, database, engine=Engine(public_contract, Readers(database)))
    with TestClient(app, base_url="http://127.0.0.1", headers=token) as client:
        send(client, 3)
        wait(lambda: len(receiver.taken) >= 4)
        assert parcels(receiver.verified(hook.secret)) == ["P-0-", "P-1-", "P-2-", "P-3-"]
        asked(client, webhooks.remove, "w")
        # The server looks every 0.05 seconds; a delivery that is under way may still end.
        time.sleep(1)
        send(client, 4)
        time.sleep(0.3)
        assert len(receiver.taken) == 4


def test_one_that_cannot_be_reached_holds_up_no_other(writer, receiver):
    writer.post("/events", json=[registration()])
    asked(writer, webhooks.add, "away", "http://127.0.0.1:9/", {}, after=0, at=utc_now())
    hook = add(writer, receiver.url)
    send(writer, *range(5))
    wait(lambda: len(receiver.taken) >= 6)

    assert len(receiver.verified(hook.secret)) >= 6
    wait(lambda: len(asked(writer, webhooks.dead_letters, "away")) > 1)
    first = asked(writer, webhooks.dead_letters, "away")[0]
    assert "Connect" in first["problem"]
    assert first["attempts"] == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://ledger.example/hook",
        "ftp://127.0.0.1/",
        "https://user:word@ledger.example/",
        "https://ledger.example:99999/",
        "https:///nowhere",
        "file:///etc/passwd",
        "",
    ],
)
def test_addresses_that_are_not_safe_are_refused(url):
    with pytest.raises(Malformed) as refused:
        webhooks.checked_url(url)
    assert refused.value.code == "invalid_url"


def test_unknown_and_doubled_names_are_refused(writer):
    add(writer, "https://ledger.example/hook", after=None)
    with pytest.raises(webhooks.WebhookExists):
        add(writer, "https://ledger.example/hook")
    for act in (webhooks.remove, webhooks.dead_letters, webhooks.want_again):
        with pytest.raises(webhooks.UnknownWebhook):
            asked(writer, act, "nobody")


def test_a_backup_takes_no_secret_along(database):
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT to_regclass('ledger.webhooks')").fetchone()
    assert row == (None,)
