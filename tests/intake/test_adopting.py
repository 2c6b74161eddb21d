"""Policies that cannot hold together are not adopted together, whoever adopts them when."""

import asyncio

import psycopg

from domain.policies import presets
from domain.policy import Policy, parse
from domain.receipt import Receipt
from intake.cloudevents import read_event
from intake.intake import Intake
from tests.exceptions.conftest import adoption
from tests.intake.conftest import EVERYTHING, OpenIntake

WRITERS_LOCK = 4018230002
BODY = """[policy]
id = "enrolment/{name}"
version = "1"
kind = "enrolment"
jurisdiction = "3205"
effective_from = 2024-01-01
effective_to = 2024-12-31
[enrolment]
within_days = {days}
"""


def policy(name: str, days: int) -> Policy:
    return parse(BODY.format(name=name, days=days))


async def adopt(intake: Intake, *policies: Policy) -> list[Receipt]:
    return await intake.receive([read_event(adoption(each)) for each in policies], EVERYTHING)


async def waiting_for_the_writer(connection: psycopg.AsyncConnection[object]) -> int:
    cursor = await connection.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    [(count,)] = await cursor.fetchall()
    return int(str(count))


def test_two_servers_adopt_what_cannot_hold_together_in_the_same_instant(
    database: str, open_intake: OpenIntake
) -> None:
    async def race() -> list[Receipt]:
        async with (
            open_intake() as one,
            open_intake() as other,
            await psycopg.AsyncConnection.connect(database, autocommit=True) as holder,
        ):
            # While nobody can append, both are judged beside a ledger that holds neither.
            await holder.execute("SELECT pg_advisory_lock(%s)", (WRITERS_LOCK,))
            calls = [
                asyncio.create_task(adopt(one, policy("one", 30))),
                asyncio.create_task(adopt(other, policy("other", 60))),
            ]
            for _ in range(2_000):
                if await waiting_for_the_writer(holder) == len(calls):
                    break
                await asyncio.sleep(0.005)
            await holder.execute("SELECT pg_advisory_unlock(%s)", (WRITERS_LOCK,))
            return [receipt for call in calls for receipt in await call]

    accepted, refused = sorted(asyncio.run(race()), key=lambda receipt: receipt.status.value)

    assert (accepted.status.value, refused.status.value) == ("accepted", "rejected")
    assert refused.code == "policy_overlap"


def test_what_holds_together_is_adopted_from_everywhere_at_once(open_intake: OpenIntake) -> None:
    async def adopting() -> list[list[Receipt]]:
        async with open_intake() as one, open_intake() as other:
            half = len(presets()) // 2
            return await asyncio.gather(
                adopt(one, *presets()[:half]),
                adopt(other, *presets()[half:]),
                adopt(one, policy("one", 30)),
            )

    answers = asyncio.run(adopting())

    assert {receipt.status.value for each in answers for receipt in each} == {"accepted"}
