"""Take deliveries in and look at what became of them."""

import asyncio
import json
from typing import Any

import psycopg

from domain.receipt import Receipt, Status
from intake.cloudevents import read_document
from intake.grant import Grant
from ledger.key_place import keys_of
from tests.intake.conftest import EVERYTHING

ACCEPTED, DUPLICATE, CORRECTED = Status.ACCEPTED, Status.DUPLICATE, Status.CORRECTED
SUPERSEDED, QUARANTINED, REJECTED = Status.SUPERSEDED, Status.QUARANTINED, Status.REJECTED


def received(
    open_intake: Any, *calls: list[dict[str, Any]], grant: Grant = EVERYTHING
) -> list[Receipt]:
    """Send calls one after the other and give all receipts."""

    async def send() -> list[Receipt]:
        async with open_intake() as intake:
            return [
                receipt
                for call in calls
                for receipt in await intake.receive(
                    list(read_document(json.dumps(call).encode())), grant
                )
            ]

    return asyncio.run(send())


def statuses(receipts: list[Receipt]) -> list[Status]:
    return [receipt.status for receipt in receipts]


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    """Give rows, with the names of persons in them unlocked."""
    with psycopg.connect(database) as connection:
        found = connection.execute(query.encode()).fetchall()
        return [tuple(map(keys_of(connection).unlocked_value, row)) for row in found]
