"""Close the books beside the ledger: one event commits to what came into one of them."""

import asyncio

import psycopg

from domain.flexdate import beijing_day
from ledger.books import BOOKS, FOLLOWING, KIND, Span, next_span
from ledger.clock import utc_now
from ledger.reading import events_after, ledger_events
from server.administration import record
from server.house import House

# One at a time over all servers, so that each goes on where the other ended.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('lifecycle ledger: books'))"
# What the ledger records of itself every day begets checkpoints, and no other news.
_NEWS = """
SELECT EXISTS (SELECT FROM ledger.events WHERE position > %s
    AND kind NOT IN ('BookClosed', 'StreamHeads', 'TimeTokenReceived'))
"""


async def close_books(house: House, *, is_asked: bool = True) -> dict[str, int]:
    """Close every book that has new entries, and give how many, by book.

    A ledger without events has nothing to commit to it with, and closes nothing. Unless it is asked
    for, books that follow the events are closed with news only; an idle ledger would grow for ever.
    """
    async with house.pool.connection() as connection, connection.transaction():
        await connection.execute(_ALONE)
        closed, before = dict.fromkeys(BOOKS, 0), 0
        for event in await ledger_events(connection, [KIND]):
            closed[event.payload["book"]] = event.payload["last"]
            before = event.position
        if not await events_after(connection, 0, 1):
            return {}
        found = await asyncio.to_thread(_found, house.conninfo, closed)
        if not is_asked and found.keys() <= FOLLOWING:
            news = await (await connection.execute(_NEWS, [before])).fetchone()
            if news is None or not news[0]:
                return {}
        for name, span in found.items():
            payload = {"book": name, **span._asdict()}
            await record(house, KIND, payload, record_id=f"book-{name}-{span.last}")
    return {name: span.rows for name, span in found.items()}


async def close_books_daily(house: House) -> bool:
    """Close the books of yesterday once a day; a ledger that began today waits."""
    async with house.pool.connection() as connection:
        closed = await ledger_events(connection, [KIND])
        last = closed[-1:] or await events_after(connection, 0, 1)
    if not last or beijing_day(last[0].recorded_at) >= beijing_day(utc_now()):
        return False
    return bool(await close_books(house, is_asked=False))


def _found(conninfo: str, closed: dict[str, int]) -> dict[str, Span]:
    """Digest the new entries of all books."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        found = {name: next_span(connection, book, closed[name]) for name, book in BOOKS.items()}
    return {name: span for name, span in found.items() if span is not None}
