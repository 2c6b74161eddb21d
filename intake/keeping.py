"""Keep what a call delivered and the ledger did not append, and what became of kept deliveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from domain.receipt import Receipt, Status
from intake import quarantine
from intake.four_eyes import keep_pending
from intake.item import Item
from intake.superseded import keep_superseded


async def keep_unappended(
    connection: AsyncConnection[Any], items: Sequence[Item], now: datetime
) -> bool:
    """Keep quarantined and superseded deliveries; tell whether some of them wait for something."""
    decided: list[tuple[int, Receipt]] = []
    waiting = False
    for item in items:
        before = item.number
        if item.has(Status.QUARANTINED):
            item.number = await _quarantine(connection, item, now)
            waiting = waiting or item.waiting_for is not None
        elif item.has(Status.SUPERSEDED) and item.draft is not None:
            await keep_superseded(
                connection, item.draft, item.answer(), received_at=item.recorded_at or now
            )
        if before is not None and not (item.has(Status.QUARANTINED) and item.number == before):
            decided.append((before, item.answer()))
    await quarantine.decide(connection, decided, now)
    return waiting


async def _quarantine(connection: AsyncConnection[Any], item: Item, now: datetime) -> int:
    """Keep one delivery that is held back, by the intake or by the ledger."""
    draft = item.held.draft if item.held else item.draft
    assert draft is not None
    number = await quarantine.keep(
        connection,
        item.delivery,
        draft,
        item.answer(),
        actor=item.actor,
        received_at=item.recorded_at or now,
        waiting_for=item.waiting_for,
        limits=item.limits,
    )
    if item.asks_second_person:
        await keep_pending(connection, number, draft, item.actor)
    return number
