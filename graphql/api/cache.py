"""Keep whole answers for as long as they are true, within a bound on the bytes they take.

What a question answers is decided by its document and variables, by what its reader may see, the
language, the position of the read models, the last erasure and the Beijing day. All of these are
the key, so nothing ever has to be thrown away because it became wrong; what is not asked for any
more falls out at the end.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import date
from typing import NamedTuple

from api.database import Position
from api.reply import Answer

_OVERHEAD = 600
"""Bytes that an entry takes beside its texts, about."""


class Key(NamedTuple):
    """Everything that an answer depends on."""

    document: str
    operation_name: str | None
    variables: str
    scope: str
    language: str
    position: int
    stopped: tuple[tuple[str, int], ...]
    erased: int
    day: date

    @property
    def size(self) -> int:
        """Give about how many bytes the key takes; a character may take four."""
        return 4 * (len(self.document) + len(self.variables) + len(self.scope)) + _OVERHEAD


def place_of(position: Position) -> tuple[int, tuple[tuple[str, int], ...], int]:
    """Give a position in the form that keys hold."""
    return position.reached, tuple(sorted(position.stopped.items())), position.erased


class Flight:
    """One answer in the making, and how many wait for it."""

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[Answer]) -> None:
        """Nobody waits yet."""
        self.task = task
        self.waiting = 0


class Answers:
    """Remembers answers, those used last, and lets equal questions at the same time share one."""

    def __init__(self, size: int) -> None:
        """Keep at most so many bytes; with 0 nothing is kept and nothing is shared."""
        self.size = size
        self.held = 0
        self._kept: OrderedDict[Key, Answer] = OrderedDict()
        self._flights: dict[Key, Flight] = {}

    def __len__(self) -> int:
        """Give how many answers are kept."""
        return len(self._kept)

    def get(self, key: Key) -> Answer | None:
        """Give the answer to a question, if it is kept."""
        answer = self._kept.get(key)
        if answer is not None:
            self._kept.move_to_end(key)
        return answer

    def knows(self, key: Key) -> bool:
        """Tell whether the answer to a question is kept or being made."""
        return key in self._kept or key in self._flights

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer, unless it is larger than everything may be together."""
        size = key.size + len(answer.body)
        if key in self._kept or size > self.size:
            return
        self._kept[key] = answer
        self.held += size
        while self.held > self.size:
            oldest, gone = self._kept.popitem(last=False)
            self.held -= oldest.size + len(gone.body)

    async def shared(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Wait for the answer that is being made to this question, or make it.

        It is made for all who wait, so it ends early only when the last of them has left.
        """
        flight = self._flights.get(key)
        # One that has just ended may still be noted here. Whoever waited for it would not wait at
        # all, and so, asking once more after it failed, keep everybody else from noting its end.
        if flight is None or flight.task.done():
            flight = self._taken_off(key, make)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                # Whoever asks from now on must not wait for what is being stopped.
                self._forget(key, flight)
                flight.task.cancel()

    def _taken_off(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Flight:
        """Begin to make an answer."""
        flight = self._flights[key] = Flight(asyncio.ensure_future(_made(make)))
        flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight

    def _forget(self, key: Key, flight: Flight) -> None:
        """Let nobody wait for an answer any more; another one may be in the making by now."""
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _made(make: Callable[[], Awaitable[Answer]]) -> Answer:
    return await make()
