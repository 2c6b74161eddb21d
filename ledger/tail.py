"""Wake those who follow the ledger, or something made from it, when it has moved.

One connection listens for all of them, however many they are. It carries no events: each follower
reads its own, in pages and at its own pace, so that one who was away for long delays nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql

from ledger.unavailable import Unavailable

APPENDED = "ledger"
"""The channel on which each append is announced."""
_POLL_SECONDS = 1.0
_PAUSE_SECONDS = 0.2
_REST_SECONDS = 0.05
"""What comes so soon after another is told together with what else comes until then, so that those
who append do not pay for a look each time."""
_READING_AT_ONCE = 2

Look = Callable[[], Awaitable[int]]
"""Tells the last position there is."""


class Stopping(Unavailable):
    """The server stops."""

    code = "stopping"
    cure = "Go on after the last position once it runs again."


class Tail:
    """Knows the last position, and lets followers wait for a later one."""

    def __init__(self, conninfo: str, look: Look, *, channel: str = APPENDED) -> None:
        """Connect when the first follower waits."""
        self._conninfo = conninfo
        self._look = look
        self._channel = channel
        self._reached = -1
        self._has_ended = False
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._reading = asyncio.Semaphore(_READING_AT_ONCE)

    async def beyond(self, position: int) -> int:
        """Wait until there is something beyond a position, and give the last position then.

        Raises Stopping once nobody shall follow any more.
        """
        while self._reached <= position and not self._has_ended:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._listen())
            await self._moved.wait()
        self.check()
        return self._reached

    def check(self) -> None:
        """Raise Stopping once nobody shall follow any more."""
        if self._has_ended:
            raise Stopping

    def end(self) -> None:
        """Send all followers away."""
        self._has_ended = True
        self._moved.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read one page in turn: few followers read at once, so that others find connections."""
        async with self._reading:
            yield

    async def _listen(self) -> None:
        """Look again after each announcement, and once a second in case one was lost."""
        while True:
            # The database may go away for a while; followers wait for it.
            with suppress(psycopg.Error, OSError):
                async with await AsyncConnection.connect(
                    self._conninfo, autocommit=True
                ) as connection:
                    await self._follow(connection)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _follow(self, connection: AsyncConnection[Any]) -> None:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        while True:
            self._tell(await self._look())
            await asyncio.sleep(_REST_SECONDS)
            async for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                pass

    def _tell(self, reached: int) -> None:
        """Wake everybody if there is something new; nobody follows backwards."""
        if reached > self._reached:
            self._reached = reached
            self._moved.set()
            self._moved = asyncio.Event()

    async def close(self) -> None:
        """Stop listening."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
