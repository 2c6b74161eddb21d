"""A process that appends until it is killed and prints every receipt it was given."""

import asyncio
import sys
import uuid
from itertools import islice

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from ledger.ledger import Ledger

ACTOR = Actor(id="clerk", org="bureau", role="steward")
TASKS = 16


def fact(name: str, number: int) -> Draft:
    """Prepare one of many facts."""
    return prepare(
        id=str(uuid.uuid4()),
        kind="ConstructionStarted",
        stream=f"project/{number % 5}",
        occurred_on="2024-06-19",
        actor=ACTOR,
        source=Source(system=name, record_id=str(number), record_version="1"),
        payload={"basis": "permit", "self_reported": False},
        request_id="test",
        salts=lambda: bytes(32),
    )


async def work(conninfo: str, name: str, count: int, call: int) -> None:
    """Append `count` facts, `call` at a time, from several tasks."""
    ledger = await Ledger.open(conninfo)
    numbers = iter(range(count))

    async def append() -> None:
        while batch := [fact(name, number) for number in islice(numbers, call)]:
            for receipt in await ledger.append(batch):
                answer = f"{receipt.status.value} {receipt.position} {receipt.event_id}\n"
                sys.stdout.write(answer)
                sys.stdout.flush()

    await asyncio.gather(*(append() for _ in range(TASKS)))
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
