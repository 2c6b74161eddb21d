"""Say what a webhook follows, message by message: recorded events, or what follows from them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple, Protocol

import orjson
from api.following import Following
from api.request import Request
from api.served import Served
from api.told import Begun
from psycopg.rows import class_row

from domain.regions import significant
from intake.appending import Pool
from server.following import FOLLOW

_CHANGES = """
SELECT c.number, c.topic, c.subject, c.region, c.position, c.day::text AS day,
    to_char(c.found_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS found_at, c.told
FROM outbound.changes AS c
WHERE c.number > %(after)s AND c.topic = ANY (%(topics)s)
    AND (%(regions)s::text[] IS NULL OR EXISTS (
        SELECT FROM unnest(%(regions)s::text[]) AS w (region)
        WHERE starts_with(c.region, w.region)))
ORDER BY c.number LIMIT %(limit)s
"""
_AT_ONCE = 100


class Message(NamedTuple):
    """What is posted: a place to go on after, an id that stays the same, and the body."""

    position: int
    id: str
    body: bytes


class Feed(Protocol):
    """Gives the messages of one webhook in order."""

    def follow(self, after: int) -> AsyncGenerator[Message]:
        """Give every message after a place, and wait for further ones."""

    async def again(self, position: int) -> Message:
        """Give one message once more, as it is now."""


class Events:
    """Every recorded event that is wanted."""

    def __init__(self, served: Served, wanted: dict[str, Any]) -> None:
        """Follow what the subscription to events tells."""
        self._following: Following = served.following
        self._prepared = served.engine.prepared_own(FOLLOW)
        self._wanted = wanted

    async def follow(self, after: int) -> AsyncGenerator[Message]:
        """Give every wanted event after a position. Raises Refusal and GraphQLError."""
        async for told in self._following.follow(self._begun(self._wanted), after=after):
            yield _recorded(told.position, told.value)

    async def again(self, position: int) -> Message:
        """Give one event as it is now. Raises Refusal and GraphQLError."""
        page = await self._following.page(self._begun({}), position - 1)
        return _recorded(page.lines[0].position, page.lines[0].value)

    def _begun(self, wanted: dict[str, Any]) -> Begun:
        return self._following.begin(Request(FOLLOW, variables=wanted), self._prepared)


def _recorded(position: int, value: bytes) -> Message:
    """Say an event as a message."""
    event = orjson.loads(value)
    body = b'{"type":%b,"timestamp":%b,"data":%b}' % (
        orjson.dumps(event["type"]),
        orjson.dumps(event["recordedAt"]),
        value,
    )
    return Message(position, event["id"], body)


class Change(NamedTuple):
    """Something that began to stand, as it was found."""

    number: int
    topic: str
    subject: str
    region: str | None
    position: int
    day: str
    found_at: str
    told: dict[str, Any]

    def message(self) -> Message:
        """Say it as a message."""
        data = {
            "number": self.number,
            "subject": self.subject,
            "region": self.region,
            "position": self.position,
            "judgedOn": self.day,
            **self.told,
        }
        body = {"type": self.topic, "timestamp": self.found_at, "data": data}
        return Message(self.number, f"change-{self.number}", orjson.dumps(body))


class Changes:
    """Everything that began to stand and is wanted."""

    def __init__(self, pool: Pool, wanted: dict[str, Any], look_seconds: float) -> None:
        """Read through a pool of connections, again and again."""
        self._pool = pool
        self._topics: Sequence[str] = wanted["topics"]
        self._regions: Sequence[str] | None = wanted.get("region")
        self._look_seconds = look_seconds

    async def follow(self, after: int) -> AsyncGenerator[Message]:
        """Give every wanted change after a number. Raises psycopg.Error."""
        while True:
            changes = await self._read(after, self._topics, self._regions, _AT_ONCE)
            for change in changes:
                after = change.number
                yield change.message()
            if len(changes) < _AT_ONCE:
                await asyncio.sleep(self._look_seconds)

    async def again(self, position: int) -> Message:
        """Give one change once more. Raises psycopg.Error."""
        [change] = await self._read(position - 1, self._topics, None, 1)
        return change.message()

    async def _read(
        self, after: int, topics: Sequence[str], regions: Sequence[str] | None, limit: int
    ) -> list[Change]:
        values = {
            "after": after,
            "topics": list(topics),
            "regions": None if regions is None else [significant(each) for each in regions],
            "limit": limit,
        }
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(Change)) as cursor,
        ):
            await cursor.execute(_CHANGES.encode(), values)
            return await cursor.fetchall()
