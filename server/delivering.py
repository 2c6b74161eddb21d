"""Deliver events and changes to webhooks: in order, at least once, each receiver at its own pace.

The position of a webhook moves only after its receiver took a message, or after it became a dead
letter; so a crash repeats at most one delivery and loses none.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx2
import psycopg
from api.preparation import Refusal
from api.served import Served
from graphql import GraphQLError
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from ledger.clock import utc_now
from server.feeds import Changes, Events, Feed, Message
from server.house import House
from server.version import VERSION
from server.watching import Watch
from server.webhooks import Webhook, present, signed_headers

LOOK_SECONDS = 1.0
"""How often it is looked for webhooks that came, went or want something again."""
ANSWER_SECONDS = 15.0
PAUSES_SECONDS = (1, 5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""How long to wait after each attempt in vain; after the last one the event is a dead letter."""
REFUSED_ATTEMPTS = 3
"""So often is an event tried that the receiver says it cannot take as it is."""
_REFUSALS = frozenset({"HTTP 400", "HTTP 413", "HTTP 415", "HTTP 422"})
_log = logging.getLogger(__name__)
_LOCK = 5_310_025
_CHANCE = random.SystemRandom()
_GOOD = range(200, 300)
_AWAY = (psycopg.Error, PoolTimeout, OSError, GraphQLError, Refusal)


@asynccontextmanager
async def delivering(house: House, served: Served) -> AsyncIterator[None]:
    """Deliver for the length of an `async with`."""
    task = asyncio.create_task(Deliverer(house, served).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Deliverer:
    """Serves every webhook in a task of its own."""

    def __init__(self, house: House, served: Served) -> None:
        """Deliver what the subscription to events tells."""
        self._house = house
        self._served = served
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver while no other process does; a database that is away is waited for."""
        while True:
            with suppress(*_AWAY):
                async with await AsyncConnection.connect(
                    self._house.conninfo, autocommit=True
                ) as connection:
                    await self._run_alone(connection)
            await asyncio.sleep(LOOK_SECONDS)

    async def _run_alone(self, connection: AsyncConnection[Any]) -> None:
        """Deliver for as long as the connection holds the lock, which no two processes have."""
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        row = await cursor.fetchone()
        if row is None or not row[0]:
            return
        async with httpx2.AsyncClient(
            timeout=ANSWER_SECONDS,
            follow_redirects=False,
            trust_env=False,
            headers={"Content-Type": "application/json", "User-Agent": f"lifecycle/{VERSION}"},
        ) as http:
            try:
                watch = Watch(self._served.engine)
                while True:
                    found = await present(connection)
                    self._serve(found, http)
                    wanted = any(webhook.follows == "changes" for webhook in found)
                    # Events go on meanwhile, each webhook in a task of its own.
                    try:
                        await watch.look(connection, wanted=wanted)
                    except (GraphQLError, Refusal) as problem:
                        _log.info("changes are looked for again soon: %s", problem)
                    await asyncio.sleep(LOOK_SECONDS)
            finally:
                self._serve([], http)

    def _serve(self, webhooks: list[Webhook], http: httpx2.AsyncClient) -> None:
        """Begin with those that came or have failed, and leave those that went."""
        known = {webhook.id for webhook in webhooks}
        for identifier in self._tasks.keys() - known:
            self._tasks.pop(identifier).cancel()
        for webhook in webhooks:
            task = self._tasks.get(webhook.id)
            if task is None or task.done():
                one = Delivery(self._house, self._served, webhook, http)
                self._tasks[webhook.id] = asyncio.create_task(one.run())


class Delivery:
    """What one webhook gets."""

    def __init__(
        self, house: House, served: Served, webhook: Webhook, http: httpx2.AsyncClient
    ) -> None:
        """Begin where the webhook stands."""
        self._house = house
        self._feed: Feed = (
            Changes(house.pool, webhook.wanted, LOOK_SECONDS)
            if webhook.follows == "changes"
            else Events(served, webhook.wanted)
        )
        self._webhook = webhook
        self._http = http
        self._attempts = webhook.attempts
        self._retry_at = webhook.retry_at

    async def run(self) -> None:
        """Deliver message by message; what goes wrong on our side ends it, to begin again soon."""
        webhook = self._webhook
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._redeliver())
                async for message in self._feed.follow(webhook.position):
                    await self._deliver(message)
        except* _AWAY as problems:
            _log.info("webhook %s begins anew: %s", webhook.name, problems.exceptions)

    async def _deliver(self, message: Message) -> None:
        """Deliver a message, however often that takes, or make it a dead letter."""
        retry_at, self._retry_at = self._retry_at, None
        if retry_at is not None:
            await asyncio.sleep(max(0.0, (retry_at - utc_now()).total_seconds()))
        while (problem := await self._posted(message)) is not None:
            self._attempts += 1
            patience = REFUSED_ATTEMPTS if problem in _REFUSALS else len(PAUSES_SECONDS) + 1
            if self._attempts >= patience:
                await self._give_up(message, problem)
                return
            pause = PAUSES_SECONDS[self._attempts - 1] * _CHANCE.uniform(0.8, 1.2)
            await self._write(
                "UPDATE outbound.webhooks SET attempts = %s, problem = %s, retry_at = %s"
                " WHERE id = %s",
                *(self._attempts, problem, utc_now() + timedelta(seconds=pause), self._webhook.id),
            )
            await asyncio.sleep(pause)
        await self._move_on(message)

    async def _give_up(self, message: Message, problem: str) -> None:
        """Keep a message as a dead letter before moving on."""
        await self._write(
            "INSERT INTO outbound.dead_letters (webhook, position, attempts, problem, failed_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            *(self._webhook.id, message.position, self._attempts, problem, utc_now()),
        )
        await self._move_on(message)

    async def _move_on(self, message: Message) -> None:
        """Remember that the message is done with."""
        self._attempts = 0
        await self._write(
            "UPDATE outbound.webhooks SET position = %s, attempts = 0, problem = NULL,"
            " retry_at = NULL WHERE id = %s",
            *(message.position, self._webhook.id),
        )

    async def _redeliver(self) -> None:
        """Try dead letters once more when somebody wants it, read anew as they are now."""
        while True:
            async with self._house.pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT position FROM outbound.dead_letters WHERE webhook = %s AND is_wanted"
                    " ORDER BY position",
                    [self._webhook.id],
                )
                wanted = [position for (position,) in await cursor.fetchall()]
            for position in wanted:
                problem = await self._posted(await self._feed.again(position))
                await self._write(
                    _TAKEN if problem is None else _REFUSED_AGAIN,
                    *([] if problem is None else [problem]),
                    self._webhook.id,
                    position,
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _posted(self, message: Message) -> str | None:
        """Post a message and say why it was not taken; None if it was."""
        body = message.body
        headers = signed_headers(self._webhook.secret, message.id, utc_now(), body)
        try:
            # What the receiver says beyond its status is not read, however long it is.
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream(
                    "POST", self._webhook.url, content=body, headers=headers
                ) as answer,
            ):
                status = answer.status_code
        except TimeoutError:
            return f"no answer in {ANSWER_SECONDS:g} seconds"
        except (httpx2.HTTPError, OSError) as error:
            return f"{type(error).__name__}: {error}"[:200]
        return None if status in _GOOD else f"HTTP {status}"

    async def _write(self, statement: str, *values: Any) -> None:
        async with self._house.pool.connection() as connection:
            await connection.execute(statement.encode(), values)


_TAKEN = "DELETE FROM outbound.dead_letters WHERE webhook = %s AND position = %s"
_REFUSED_AGAIN = (
    "UPDATE outbound.dead_letters SET is_wanted = false, attempts = attempts + 1, problem = %s"
    " WHERE webhook = %s AND position = %s"
)
