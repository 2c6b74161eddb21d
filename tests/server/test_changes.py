"""Webhooks are told once of what follows from facts and the day, whenever the server runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from api.database import Readers
from api.engine import Engine
from api.extraction import At
from starlette.testclient import TestClient

from domain.flexdate import beijing_day
from domain.policies import preset
from ledger.clock import utc_now
from server import delivering, watching, webhooks
from server.app import application
from server.topics import TOPICS
from tests.intake.events import event, registration
from tests.server.conftest import issue
from tests.server.test_webhooks import Receiver, asked, receiver, wait

__all__ = ["receiver"]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(delivering, "PAUSES_SECONDS", (0.02, 0.02, 0.02))
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(watching, "_REST_FOR_WORK", 0)


POLICY = preset("colour/default@1")
ADOPTED = event(
    "PolicyAdopted",
    "colour",
    {
        "policy_id": POLICY.id,
        "kind": POLICY.kind,
        "version": POLICY.version,
        "effective_from": POLICY.effective_from.isoformat(),
        "sha256": POLICY.sha256,
        "body": POLICY.body,
    },
    subject=None,
)


def planned(record: str, subject: str = "project/p1") -> dict[str, Any]:
    """Promise land for a day that has long passed."""
    told = {
        "plan_id": record,
        "node": "land_awarded",
        "planned": "2024-06-30",
        "responsible_unit": "大新镇",
        "responsible_person": "王某",
    }
    return event("MilestonePlanned", record, told, subject=subject, occurredon="2024-01-05")


def published(raw: str) -> dict[str, Any]:
    """Publish a figure that is not what the facts give."""
    told = {
        "round_id": "R-1",
        "policy": "ranking/unheard@1",
        "as_known_at": "2024-04-10T00:00:00+08:00",
        "scores": {"320582": {"starts": {"raw": raw, "points": "1"}}},
        "ranks": {"320582": 1},
        "published_on": "2024-04-12",
    }
    return event("RankingPublished", "rank", told, subject=None, occurredon="2024-Q1")


@contextmanager
def running(settings: Any, database: str, contract: Any) -> Iterator[TestClient]:
    """Run the application."""
    token = {"Authorization": f"Bearer {issue(database)}"}
    app = application(settings, database, engine=Engine(contract, Readers(database)))
    with TestClient(app, base_url="http://127.0.0.1", headers=token) as client:
        yield client


def follow(client: TestClient, url: str, *topics: str, **wanted: Any) -> Any:
    """Add a webhook, and wait until what stands already has been learnt."""
    given = {"topics": list(topics or TOPICS), **wanted}
    hook = asked(client, webhooks.add, "c", url, given, after=None, at=utc_now(), follows="changes")
    wait(lambda: len(watched(client)) == len(TOPICS))
    return hook


def watched(client: TestClient) -> list[Any]:
    async def read(connection: Any) -> list[Any]:
        return await (await connection.execute("SELECT topic FROM outbound.watched")).fetchall()

    found: list[Any] = asked(client, read)
    return found


def is_followed(client: TestClient) -> bool:
    """Tell whether the read models hold all that was sent, so that a look finds it standing."""
    return bool(client.get("/health").json()["status"] == "ok")


def send(client: TestClient, *facts: dict[str, Any]) -> None:
    receipts = client.post("/events", json=list(facts)).json()["receipts"]
    assert {receipt["status"] for receipt in receipts} <= {"accepted", "corrected"}, receipts


def test_each_change_is_told_once_across_restarts(
    settings: Any, database: str, public_contract: Any, receiver: Receiver
) -> None:
    with running(settings, database, public_contract) as client:
        send(client, ADOPTED, registration(), registration("r2", subject="project/p2"))
        send(client, planned("before", "project/p2"))
        wait(lambda: is_followed(client))
        hook = follow(client, receiver.url)
        send(client, planned("m1"))
        wait(lambda: len(receiver.taken) == 2)
        time.sleep(0.3)

    found = receiver.verified(hook.secret)
    assert {each["type"] for each in found} == {"project.red", "promise.overdue"}
    (red,) = (each["data"] for each in found if each["type"] == "project.red")
    (late,) = (each["data"] for each in found if each["type"] == "promise.overdue")
    assert (red["subject"], red["region"]) == ("p1", "320582")
    assert (late["node"], late["planned"]) == ("LAND_AWARDED", "2024-06-30")
    assert late["project"]["id"] == "p1"
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 2

    with running(settings, database, public_contract) as client:
        time.sleep(0.5)
        assert len(receiver.taken) == 2
        award = event(
            "LandAwarded",
            "award",
            {"parcel_id": "P-1", "area_mu": "10", "price": {"yuan": 1}, "mode": "listing"},
            occurredon="2024-05-01",
        )
        send(client, award)
        wait(lambda: standing(client) == {"p2"})
        send(client, event("EventRetracted", "back", corrects="source:approval/award", reason="x"))
        wait(lambda: len(receiver.taken) == 4)
        wait(lambda: standing(client) == {"p1", "p2"})


def test_read_models_that_are_made_anew_change_nothing_meanwhile(
    settings: Any, database: str, public_contract: Any, receiver: Receiver
) -> None:
    with running(settings, database, public_contract) as client:
        send(client, ADOPTED, registration(), planned("m1"))
        wait(lambda: is_followed(client))
        follow(client, receiver.url)
        wait(lambda: standing(client) == {"p1"})

        async def look_back(connection: Any) -> int:
            at = At(2, beijing_day(utc_now()))
            return await watching._note(connection, "project.red", {}, at)

        assert asked(client, look_back) == 0
        assert standing(client) == {"p1"}


def standing(client: TestClient) -> set[str]:
    async def read(connection: Any) -> list[Any]:
        cursor = await connection.execute(
            "SELECT subject FROM outbound.standing WHERE topic = 'project.red'"
        )
        return await cursor.fetchall()

    return {subject for (subject,) in asked(client, read)}


def test_a_published_figure_that_drifts_is_told_and_what_is_not_taken_is_kept(
    settings: Any, database: str, public_contract: Any, receiver: Receiver
) -> None:
    with running(settings, database, public_contract) as client:
        send(client, registration(occurredon="2024-01-02"))
        hook = follow(client, receiver.url, "figure.drifted", region=["320500"])
        receiver.answers = [500, 422, 422]
        send(client, published("5"))
        wait(lambda: bool(asked(client, webhooks.dead_letters, "c")))
        assert not receiver.taken

        asked(client, webhooks.want_again, "c")
        wait(lambda: len(receiver.taken) == 1)

    (told,) = receiver.verified(hook.secret)
    assert told["type"] == "figure.drifted"
    assert told["data"]["round"] == "R-1"
    assert (told["data"]["path"], told["data"]["old"], told["data"]["new"]) == (
        "rows.320582.metrics.starts.raw",
        "5",
        "0",
    )


def test_who_wants_another_region_or_comes_later_is_not_told(
    settings: Any, database: str, public_contract: Any, receiver: Receiver
) -> None:
    with running(settings, database, public_contract) as client:
        send(client, ADOPTED, registration())
        follow(client, receiver.url, "project.red", region=["3211"])
        send(client, planned("m1"))
        wait(lambda: standing(client) == {"p1"})
        time.sleep(0.3)

        assert not receiver.taken
        asked(client, webhooks.remove, "c")
        wait(lambda: not watched(client))
