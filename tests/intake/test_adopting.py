"""Policies that cannot hold together are not adopted together, whoever adopts them when."""

import asyncio
from typing import Any

import psycopg
import pytest

from domain.envelope import Actor
from domain.policies import preset, presets
from domain.policy import Policy, parse
from domain.receipt import Receipt, Status
from intake.cloudevents import read_event
from intake.grant import Grant, Right
from intake.intake import Intake
from tests.exceptions.conftest import adoption
from tests.intake.conftest import EVERYTHING, OpenIntake
from tests.intake.events import delivered, event, registration
from tests.intake.receiving import ACCEPTED, QUARANTINED

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


def two_persons(*kinds: str, last: str = "2024-12-31") -> Policy:
    """Give a policy up to a day by which kinds of facts need a second person."""
    body = preset("four-eyes/default@1").body
    body = body.replace('"ErasureApproved"', ", ".join(f'"{kind}"' for kind in kinds))
    return parse(body.replace("\neffective_from", f"\neffective_to = {last}\neffective_from"))


async def send(intake: Intake, *facts: dict[str, Any]) -> list[Status]:
    receipts = await intake.receive([read_event(fact) for fact in facts], EVERYTHING)
    return [receipt.status for receipt in receipts]


@pytest.mark.parametrize(
    ("last", "status"), [("2024-12-31", QUARANTINED), ("2024-12-30", ACCEPTED)]
)
def test_a_second_person_is_needed_up_to_the_last_day_of_the_policy(
    open_intake: OpenIntake, last: str, status: Status
) -> None:
    async def deliver() -> list[Status]:
        async with open_intake() as intake:
            await adopt(intake, two_persons("LandDelivered", last=last))
            return await send(intake, registration(), delivered())

    assert asyncio.run(deliver()) == [ACCEPTED, status]


def test_a_second_person_is_needed_from_the_call_after_the_adoption_on(
    open_intake: OpenIntake,
) -> None:
    policy = two_persons("LandDelivered")
    retraction = event("EventRetracted", "no", reason="not agreed", subject=None)
    retraction["corrects"] = f"source:approval/{policy.ref}"

    async def deliver() -> list[Status]:
        async with open_intake() as intake:
            found = await send(intake, registration(), delivered("before"))
            found += await send(intake, adoption(policy))
            found += await send(intake, delivered("during"))
            found += await send(intake, {k: v for k, v in retraction.items() if v is not None})
            return found + await send(intake, delivered("after"))

    assert asyncio.run(deliver()) == [ACCEPTED] * 3 + [QUARANTINED] + [ACCEPTED] * 2


def test_a_policy_that_two_persons_adopt_holds_as_soon(open_intake: OpenIntake) -> None:
    second = Grant(Actor("second", "audit office", "auditor"), frozenset(Right))
    gates = parse(preset("plausibility/default@1").body.replace("2025-01-01", "2024-01-01"))
    nowhere = registration("r2", subject="project/p2")
    nowhere["data"]["district"] = "320599"

    async def deliver() -> list[Status]:
        async with open_intake() as intake:
            found = await send(intake, adoption(two_persons("PolicyAdopted")))
            found += await send(intake, adoption(gates))
            found.append((await intake.approve(1, second)).status)
            return found + await send(intake, nowhere)

    assert asyncio.run(deliver()) == [ACCEPTED, QUARANTINED, ACCEPTED, QUARANTINED]
