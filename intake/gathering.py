"""Let those who come at the same time share one piece of work instead of having one each."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

Brought = TypeVar("Brought")
Got = TypeVar("Got")


def _one(_: object) -> int:
    return 1


class _Waiting(NamedTuple, Generic[Brought, Got]):
    """What a caller brought, and where its end is awaited."""

    brought: Brought
    got: asyncio.Future[Got]


class Gathering(Generic[Brought, Got]):
    """Groups callers: while one group is worked on, the next gathers.

    Whoever comes while work is under way waits for the next group, so that nobody is answered by
    what was read before he came.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Brought]], Awaitable[Sequence[Got | Exception]]],
        *,
        most: int,
        weight: Callable[[Brought], int] = _one,
    ) -> None:
        """Work on groups that weigh so much at most, or are of one caller.

        The work gives for each caller, in their order, what it gets or the error that it meets; an
        error that the work raises is met by all of the group.
        """
        self._work = work
        self._most = most
        self._weight = weight
        self._waiting: deque[_Waiting[Brought, Got]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def bring(self, brought: Brought) -> Got:
        """Have something worked on. Raises what the work gives or raises."""
        got: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(brought, got))
        if self._working is None:
            self._working = asyncio.create_task(self._work_on())
        return await got

    async def _work_on(self) -> None:
        """Work on group after group until nobody waits."""
        try:
            # Whoever comes in the same turn goes along.
            await asyncio.sleep(0)
            while self._waiting:
                await self._finish(self._next_group())
        finally:
            # At once, since whoever came before a callback would wait for somebody who has gone.
            self._working = None

    def _next_group(self) -> list[_Waiting[Brought, Got]]:
        """Take those who came first, as many as go together."""
        group = [self._waiting.popleft()]
        weight = self._weight(group[0].brought)
        while self._waiting:
            weight += self._weight(self._waiting[0].brought)
            if weight > self._most:
                break
            group.append(self._waiting.popleft())
        return group

    async def _finish(self, group: Sequence[_Waiting[Brought, Got]]) -> None:
        """Work on a group and tell each caller its end."""
        ends: Sequence[Got | Exception]
        try:
            ends = await self._work([waiting.brought for waiting in group])
        except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
            ends = [error] * len(group)
        for waiting, end in zip(group, ends, strict=True):
            if waiting.got.done():
                # Its caller has gone.
                continue
            if isinstance(end, Exception):
                waiting.got.set_exception(end)
            else:
                waiting.got.set_result(end)
