"""Find what changed for webhooks that want to know: each change once, whenever the server runs.

What stands is compared with what stood at the last look, and the difference is written in the
transaction that remembers the new state. So a change is found once, also one that came while nobody
looked; what came and went between two looks is not found.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final

from api.engine import Engine
from api.extraction import At
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from domain.flexdate import BEIJING
from ledger.clock import utc_now
from server.topics import TOPICS, Look, Standing

LOOK_SECONDS: Final = 2.0
"""So long there is between two looks, at least."""
_REST_FOR_WORK: Final = 20
"""How much longer than a look the rest after it is."""

Connection = AsyncConnection[Any]


class Watch:
    """Looks now and then whether something began to stand."""

    def __init__(self, engine: Engine) -> None:
        """Ask an engine."""
        self._engine = engine
        self._due = 0.0
        self._seen: At | None = None

    async def look(self, connection: Connection, *, wanted: bool) -> int:
        """Look, if it is time and something may have changed; give how many changes were found.

        Nobody who wants changes, nothing is looked at; who comes later begins with what comes then.
        Raises Problem while questions cannot be answered, and psycopg.Error.
        """
        now = perf_counter()
        if not wanted:
            await connection.execute("DELETE FROM outbound.watched")
            self._seen = None
            return 0
        if now < self._due:
            return 0
        position = await self._engine.heads.look()
        day = self._engine.clock().astimezone(BEIJING).date()
        if position is None or self._seen == At(position.reached, day):
            return 0
        at = At(position.reached, day)
        found = await self._found(connection, at)
        took = perf_counter() - now
        self._due = perf_counter() + max(LOOK_SECONDS, took * _REST_FOR_WORK)
        self._seen = at
        return found

    async def _found(self, connection: Connection, at: At) -> int:
        """Look at every topic at one pair of clocks."""
        look, found = Look(self._engine, connection, at), 0
        for topic, find in TOPICS.items():
            standing = {each.subject: each async for each in find(look)}
            found += await _note(connection, topic, standing, at)
        return found


async def _note(
    connection: Connection, topic: str, standing: Mapping[str, Standing], at: At
) -> int:
    """Remember what stands, and write down what did not stand before."""
    async with connection.transaction():
        row = await (
            await connection.execute(
                "SELECT position FROM outbound.watched WHERE topic = %s FOR UPDATE", [topic]
            )
        ).fetchone()
        if row is not None and at.known < row[0]:
            # Read models that are made anew know less for a while.
            return 0
        cursor = await connection.execute(
            "SELECT subject FROM outbound.standing WHERE topic = %s", [topic]
        )
        before = {subject for (subject,) in await cursor.fetchall()}
        fresh = [standing[subject] for subject in sorted(standing.keys() - before)]
        await _remember(connection, topic, fresh, sorted(before - standing.keys()))
        # The first look only learns what stands already.
        changes = [] if row is None else fresh
        async with connection.cursor() as writing:
            await writing.executemany(
                "INSERT INTO outbound.changes (topic, subject, region, position, day, found_at,"
                " told) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [
                    (topic, each.subject, each.region, *at, utc_now(), Jsonb(each.told))
                    for each in changes
                ],
            )
        await connection.execute(
            "INSERT INTO outbound.watched (topic, position, day) VALUES (%s, %s, %s)"
            " ON CONFLICT (topic) DO UPDATE SET position = excluded.position, day = excluded.day",
            [topic, *at],
        )
    return len(changes)


async def _remember(
    connection: Connection, topic: str, fresh: Sequence[Standing], gone: Sequence[str]
) -> None:
    """Bring what stands up to date."""
    await connection.execute(
        "DELETE FROM outbound.standing WHERE topic = %s AND subject = ANY (%s)", [topic, gone]
    )
    async with connection.cursor() as writing:
        await writing.executemany(
            "INSERT INTO outbound.standing (topic, subject, told) VALUES (%s, %s, %s)",
            [(topic, each.subject, Jsonb(each.told)) for each in fresh],
        )
