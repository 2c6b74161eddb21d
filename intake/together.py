"""Let small calls that come at the same time go through the intake as one.

What a call costs is mostly asking the database, once for everything; many callers who each bring
one fact then wait for one question instead of one each.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from intake.item import Item

SMALL: Final = 32
"""So many facts a call may bring to go with others; larger ones go by themselves."""
MOST: Final = 512
"""So many facts go together."""
AT_ONCE: Final = 1
"""So many groups are on their way. While one is, the next gathers all who come, and a few large
groups cost less than many small ones that take turns."""

TakeIn = Callable[[list[Item], str], Awaitable[object]]


class _Waiting(NamedTuple):
    """A call's facts, and where their end is awaited."""

    items: list[Item]
    request_id: str
    done: asyncio.Future[None]


class Together:
    """Groups the calls that wait."""

    def __init__(self, take_in: TakeIn) -> None:
        """Take groups in as single calls are."""
        self._take_in = take_in
        self._waiting: deque[_Waiting] = deque()
        self._working: set[asyncio.Task[None]] = set()

    async def take(self, items: list[Item], request_id: str) -> None:
        """Bring the facts of a call to their receipts, with those of others if they are few."""
        if not items or len(items) > SMALL:
            await self._take_in(items, request_id)
            return
        for item in items:
            item.request_id = request_id
        waiting = _Waiting(items, request_id, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._working) < AT_ONCE:
            self._working.add(asyncio.create_task(self._work()))
        await waiting.done

    async def _work(self) -> None:
        """Take in group after group until nobody waits."""
        try:
            # Whoever comes in the same turn goes along.
            await asyncio.sleep(0)
            while self._waiting:
                group = [self._waiting.popleft()]
                size = len(group[0].items)
                while self._waiting and size + len(self._waiting[0].items) <= MOST:
                    group.append(self._waiting.popleft())
                    size += len(group[-1].items)
                await self._take(group)
        finally:
            # At once, since whoever came before a callback would wait for somebody who has gone.
            self._working.discard(self._this())

    @staticmethod
    def _this() -> asyncio.Task[None]:
        """Give the task that runs."""
        task = asyncio.current_task()
        assert task is not None
        return task

    async def _take(self, group: list[_Waiting]) -> None:
        """Take a group in; what fails together is tried call by call, so that each fails alone."""
        try:
            items = [item for waiting in group for item in waiting.items]
            await self._take_in(items, group[0].request_id)
        except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
            if len(group) == 1:
                _fail(group[0], error)
                return
            for waiting in group:
                await self._take([waiting])
        else:
            for waiting in group:
                if not waiting.done.done():
                    waiting.done.set_result(None)


def _fail(waiting: _Waiting, error: Exception) -> None:
    """Tell a caller of a fault, unless it has gone."""
    if not waiting.done.done():
        waiting.done.set_exception(error)
