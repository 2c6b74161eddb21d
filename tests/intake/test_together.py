"""Small calls that come at the same time go together, and each has its own end."""

import asyncio

import psycopg
import pytest

from intake.cloudevents import read_event
from intake.item import Item
from intake.together import SMALL, Together
from tests.intake.conftest import EVERYTHING, STEWARD
from tests.intake.events import delivered, registration

CALLS = 60


def test_many_who_come_at_once_are_committed_together_each_with_its_receipt(open_intake, database):
    async def work() -> list[str]:
        async with open_intake() as intake:
            await intake.receive([read_event(registration())], EVERYTHING)
            facts = [read_event(delivered(f"d{number}#1")) for number in range(CALLS)]
            answers = await asyncio.gather(
                *(intake.receive([fact], EVERYTHING, request_id=fact.record_id) for fact in facts)
            )
            return [receipt.status.value for [receipt] in answers]

    assert asyncio.run(work()) == ["accepted"] * CALLS
    with psycopg.connect(database) as connection:
        ((heads,),) = connection.execute("SELECT count(*) FROM ledger.heads").fetchall()
        requests = connection.execute(
            "SELECT DISTINCT convert_from(bytes, 'UTF8')::jsonb #>> '{body,request_id}'"
            " FROM ledger.events WHERE kind = 'LandDelivered'"
        ).fetchall()
    assert heads < CALLS / 4
    assert {one for (one,) in requests} == {f"d{number}" for number in range(CALLS)}


def item(record: str) -> Item:
    return Item(read_event(delivered(record)), STEWARD)


def test_what_fails_fails_alone():
    groups: list[int] = []

    async def take_in(items: list[Item], _: str) -> None:
        groups.append(len(items))
        if any(one.delivery.record_id == "bad" for one in items):
            raise ValueError

    async def work() -> list[object]:
        together = Together(take_in)
        calls = [together.take([item(name)], name) for name in ("a", "bad", "b", "c")]
        return await asyncio.gather(*calls, return_exceptions=True)

    a, bad, b, c = asyncio.run(work())

    assert (a, b, c) == (None, None, None)
    assert isinstance(bad, ValueError)
    assert groups == [4, 1, 1, 1, 1]


@pytest.mark.parametrize("count", [0, SMALL + 1])
def test_large_and_empty_calls_go_by_themselves(count):
    groups: list[int] = []

    async def take_in(items: list[Item], _: str) -> None:
        groups.append(len(items))

    async def work() -> None:
        together = Together(take_in)
        await together.take([item(f"d{number}") for number in range(count)], "r")

    asyncio.run(work())
    assert groups == [count]


def test_nobody_waits_for_those_who_have_just_gone():
    async def take_in(_: list[Item], __: str) -> None:
        await asyncio.sleep(0)

    async def work() -> None:
        door = Together(take_in)

        async def caller(name: str) -> None:
            for turns in range(8):
                await door.take([item(name)], name)
                for _ in range(turns):
                    await asyncio.sleep(0)

        async with asyncio.timeout(5):
            await asyncio.gather(*(caller(f"c{number}") for number in range(4)))

    asyncio.run(work())
