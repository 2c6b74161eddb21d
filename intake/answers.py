"""Answer a request that is sent again with the same Idempotency-Key in the same way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from domain.errors import Conflict, Malformed
from intake.appending import Pool
from ledger.clock import utc_now

REMEMBERED = timedelta(days=7)
MOST_KEYS = 100_000
"""Keys kept of one sender; the oldest are forgotten first."""
LONGEST_KEY = 255
SWEPT_AFTER = 1_000


class KeyReused(Conflict):
    """The Idempotency-Key {value} was sent with another body before."""

    code = "idempotency_key_reused"
    field = "idempotency-key"
    cure = "Send other content under a key of its own; send the same content to be answered again."


class KeyInUse(Conflict):
    """A request with the Idempotency-Key {value} is still being answered."""

    code = "idempotency_key_in_use"
    field = "idempotency-key"
    cure = "Wait for its answer, or send the same again in a while."


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered: what was in it, and where its receipts are kept."""

    digest: bytes
    batch: str
    request: str
    position: int


def checked_key(text: str) -> str:
    """Give a key without the quotes that some senders put around it. Raises Malformed."""
    key = text.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Malformed(
            code="invalid_idempotency_key",
            field="idempotency-key",
            value=text,
            cure=f"Send 1 to {LONGEST_KEY} plain letters, such as a UUID.",
        )
    return key


class Answers:
    """What was answered under which key, and the keys of requests that are being answered."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = utc_now) -> None:
        """Remember through a pool of connections."""
        self._pool = pool
        self._clock = clock
        self._in_use: set[tuple[str, str]] = set()
        self._remembered = 0

    @contextmanager
    def using(self, actor: str, key: str) -> Iterator[None]:
        """Hold a key for the length of a request. Raises KeyInUse."""
        if (actor, key) in self._in_use:
            raise KeyInUse(value=key)
        self._in_use.add((actor, key))
        try:
            yield
        finally:
            self._in_use.discard((actor, key))

    async def find(self, actor: str, key: str) -> Answered | None:
        """Give the request that was answered under a sender's key."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT digest, batch, request::text, position FROM intake.answers"
                " WHERE actor = %s AND key = %s",
                (actor, key),
            )
            row = await cursor.fetchone()
        return None if row is None else Answered(*row)

    async def remember(self, actor: str, key: str, answer: Answered) -> None:
        """Remember an answer; now and then, forget the ones that are too old or too many."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO intake.answers"
                " (actor, key, digest, batch, request, position, answered_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (
                    *(actor, key, answer.digest, answer.batch, answer.request, answer.position),
                    self._clock(),
                ),
            )
            if self._remembered % SWEPT_AFTER == 0:
                await self.forget(connection)
            self._remembered += 1

    async def forget(self, connection: AsyncConnection[Any], most: int = MOST_KEYS) -> int:
        """Forget what is too old, and the oldest keys of senders who have too many."""
        cursor = await connection.execute(
            "DELETE FROM intake.answers AS a USING (SELECT actor, key, answered_at, row_number()"
            " OVER (PARTITION BY actor ORDER BY answered_at DESC) AS place FROM intake.answers)"
            " AS r WHERE (a.actor, a.key) = (r.actor, r.key)"
            " AND (r.place > %s OR r.answered_at < %s)",
            (most, self._clock() - REMEMBERED),
        )
        return cursor.rowcount
