"""What is tried at the door: old requests, foreign sources, clocks that were turned back."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from domain.envelope import Actor
from domain.kinds import KINDS
from domain.receipt import Receipt
from intake.delivery import Delivery
from intake.grant import OF_THE_PROGRAM, Grant, Right
from ledger.ledger import Ledger
from ledger.unavailable import ClockBehind
from server.house import opened
from server.settings import Settings
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import BEGAN, SIZE, append, fact

CLERK = Grant(
    Actor("land-platform", "land bureau", "source"),
    frozenset({Right.READ, Right.APPEND}),
    frozenset({"land"}),
)


def send(scene: Scene, *deliveries: Delivery, grant: Grant = CLERK) -> list[Receipt]:
    async def run() -> list[Receipt]:
        settings = Settings(data=scene.office.folder)
        async with opened(settings, scene.office.database) as house:
            return await house.intake.receive(deliveries, grant)

    return asyncio.run(run())


def delivery(record: str, **parts: Any) -> Delivery:
    return Delivery(
        **{
            "kind": "LandDelivered",
            "system": "land",
            "record_id": record,
            "subject": "project/p1",
            "occurred_on": "2024-06-30",
            "payload": KINDS["LandDelivered"].example,
            **parts,
        }
    )


def positions(scene: Scene) -> int:
    with psycopg.connect(scene.office.database) as connection:
        [(size,)] = connection.execute("SELECT max(position) FROM ledger.events").fetchall()
    return int(size)


@attack(29, "replay a request", "the receipt `duplicate`; no second event")
def test_a_repeated_request_makes_no_second_event(scene: Scene) -> None:
    [first] = send(scene, delivery("L-1"))
    [again] = send(scene, delivery("L-1"))

    assert (first.status.value, again.status.value) == ("accepted", "duplicate")
    assert (again.event_id, again.position) == (first.event_id, first.position)
    assert positions(scene) == SIZE + 1


@attack(30, "forge a source, an actor or an administrative fact", "the receipt `rejected`")
def test_a_source_writes_only_as_itself(scene: Scene) -> None:
    receipts = send(
        scene,
        delivery("L-2", system="statistics"),
        delivery("L-3", actor={"id": "mayor"}),
        delivery("L-4", kind="ErasureApproved", reason="r", payload={"names": []}),
        delivery("L-5", kind="KeyRotated", reason="r", payload=KINDS["KeyRotated"].example),
    )

    assert {receipt.status.value for receipt in receipts} == {"rejected"}
    assert [receipt.code for receipt in receipts] == ["source_not_allowed", *["forbidden"] * 3]
    assert positions(scene) == SIZE


@pytest.mark.parametrize("kind", sorted(OF_THE_PROGRAM))
def test_what_the_signer_heeds_comes_from_the_command_line_alone(scene: Scene, kind: str) -> None:
    chief = Grant(CLERK.actor, frozenset(Right))
    wanted = delivery("L-6", kind=kind, system="ledger", reason="r", payload=KINDS[kind].example)

    [receipt] = send(scene, wanted, grant=chief)

    assert (receipt.status.value, receipt.code) == ("rejected", "command_line_only")
    assert "lifecycle" in receipt.cure
    assert positions(scene) == SIZE


@attack(31, "turn the machine's clock back", "the append is refused with `clock_behind`")
@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_went_back_stops_appends(scene: Scene, back: timedelta) -> None:
    last = BEGAN + timedelta(days=30)
    append(scene.office.database, [fact(9, "Commissioned")], lambda: last)

    async def late() -> None:
        ledger = await Ledger.open(scene.office.database, clock=lambda: last - back)
        try:
            await ledger.append([fact(10, "Commissioned")])
        finally:
            await ledger.close()

    with pytest.raises(ClockBehind, match="behind the last recorded event"):
        asyncio.run(late())
    append(scene.office.database, [fact(11, "Commissioned")], lambda: last - timedelta(minutes=4))
    assert scene.verify().found == {}
