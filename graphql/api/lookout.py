"""Wait at the end of the ledger, with one look at what is new for all who are there.

Whoever has read everything waits in a circle with those who wait for the same. A position that is
new is looked at once, and the circles whose wishes it cannot meet move on without being woken, so
that followers who have nothing to read cost nothing, however many there are.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final

from api.database import Position
from api.engine import Engine
from api.told import Begun, Page
from ledger.tail import Tail
from projections.answers.followed import STRETCH
from projections.answers.news import MOST, RECENT, News
from projections.runner import CHANNEL

PAUSE_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 0.0005
_REST_FOR_LOOK: Final = 4.0
"""Between two looks it rests so much longer than they took, so that followers never take more than
a part of the time: the more there are, the more seldom is it looked."""

Read = Callable[[Begun, int], Awaitable[Page]]
"""Reads the page after a place."""


class Circle:
    """Those who wait for the same.

    They stand at a `place`, and `since` another nothing was for them.
    """

    __slots__ = ("begun", "looking", "place", "since", "told", "waiting", "wanted")

    def __init__(self, begun: Begun, place: int) -> None:
        """Stand where the first one stands."""
        self.begun = begun
        self.wanted = begun.wanted
        self.place = self.since = place
        self.waiting = 0
        self.looking: asyncio.Task[None] | None = None
        self.told = self._next()

    def move(self, page: Page) -> None:
        """Move on with a page, and tell those who wait if something is on it."""
        self.place = page.place
        if page.lines:
            self.since = page.place
            told, self.told = self.told, self._next()
            told.set_result(page)

    def fail(self, error: Exception) -> None:
        """Tell those who wait that there is nothing to wait for."""
        if not self.told.done():
            self.told.set_exception(error)

    @staticmethod
    def _next() -> "asyncio.Future[Page]":
        told = asyncio.get_running_loop().create_future()
        # Whoever waits may leave; then nobody asks for what went wrong.
        told.add_done_callback(_noticed)
        return told


class Lookout:
    """Looks at what is new for all circles."""

    def __init__(self, engine: Engine, read: Read) -> None:
        """Read pages with a function; nothing is connected before somebody waits."""
        self.tail = Tail(engine.readers.conninfo, self._reached, channel=CHANNEL)
        self._engine = engine
        self._read = read
        self._position = Position(-1, {})
        self._seen = -1
        self._circles: dict[tuple[str, ...], Circle] = {}
        self._watching: asyncio.Task[None] | None = None
        self._looking = 0

    async def _reached(self) -> int:
        position = await self._engine.heads.look()
        if position is None:
            return -1
        self._position = position
        return position.reached

    async def next(self, begun: Begun, place: int, *, is_end: bool = False) -> Page | None:
        """Wait for what comes after a place; None if it must be read.

        At the end it need not, but for somebody who was overtaken on the way. Raises what reading
        raises, and Stopping.
        """
        key = begun.key
        circle = self._circles.get(key)
        if circle is None:
            if not is_end:
                return None
            circle = self._opened(key, begun, place)
        elif place < circle.since:
            return None
        circle.waiting += 1
        told = circle.told
        try:
            page = await asyncio.shield(told)
        finally:
            circle.waiting -= 1
            if not circle.waiting and not told.done():
                self._close(key, circle)
        lines = [each for each in page.lines if each.position > place]
        return page._replace(lines=lines, place=max(page.place, place))

    def _opened(self, key: tuple[str, ...], begun: Begun, place: int) -> Circle:
        """Begin a circle; the first one begins to look."""
        if self._watching is None:
            self._seen = place
            self._watching = asyncio.create_task(self._watch())
        circle = self._circles[key] = Circle(begun, place)
        self._look(key, circle)
        return circle

    def _close(self, key: tuple[str, ...], circle: Circle) -> None:
        """End a circle in which nobody waits, or that cannot go on."""
        if self._circles.get(key) is circle:
            del self._circles[key]
        if circle.looking is not None:
            circle.looking.cancel()

    async def _watch(self) -> None:
        """Look at what is new for as long as somebody waits."""
        try:
            while self._circles:
                reached = await self.tail.beyond(self._seen)
                started = perf_counter()
                await self._move(min(reached, self._seen + STRETCH))
                rest = _REST_FOR_LOOK * (perf_counter() - started)
                await asyncio.sleep(min(rest, PAUSE_SECONDS))
        except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
            self._fail(error)
        finally:
            self._watching = None

    def _fail(self, error: Exception) -> None:
        """Send all away with what went wrong; each knows whether to come again."""
        circles, self._circles = self._circles, {}
        for key, circle in circles.items():
            circle.fail(error)
            self._close(key, circle)

    async def _move(self, place: int) -> None:
        """Look at what is new up to a place. Raises psycopg.Error."""
        news = await self._news(place)
        self._seen = place
        for key, circle in list(self._circles.items()):
            self._tell(key, circle, news)

    async def _news(self, place: int) -> News | None:
        """Read what is new; None if it may be for everybody. Raises psycopg.Error."""
        if len(self._circles) == 1 or self._position.stopped:
            # One circle may as well read; what stopped may tell later of what is new now.
            return None
        async with self._engine.readers.lend() as reader:
            rows = await reader.rows(RECENT.encode(), [str(self._seen), str(place)])
        return None if len(rows) > MOST else News.of(rows)

    def _tell(self, key: tuple[str, ...], circle: Circle, news: News | None) -> None:
        """Have a circle look if something may be for it, and else move it on."""
        if not circle.waiting:
            self._close(key, circle)
        elif circle.looking is None:
            if news is None or circle.wanted.may_be_in(news):
                self._look(key, circle)
            else:
                circle.place = max(circle.place, self._seen)

    def _look(self, key: tuple[str, ...], circle: Circle) -> None:
        """Read for a circle, if there is something beyond its place."""
        if circle.place < self._seen:
            circle.looking = asyncio.create_task(self._looked(key, circle))

    async def _looked(self, key: tuple[str, ...], circle: Circle) -> None:
        """Read page by page until a circle is where the looking is."""
        self._looking += 1
        try:
            while circle.place < self._seen:
                place = circle.place
                circle.move(await self._read(circle.begun, place))
                # A read model behind the answers has stopped; nothing is skipped meanwhile.
                pause = PAUSE_SECONDS if circle.place == place else self._looking * _LOOK_SECONDS
                await asyncio.sleep(min(pause, PAUSE_SECONDS))
        except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
            circle.fail(error)
            self._close(key, circle)
        finally:
            self._looking -= 1
            circle.looking = None

    def leave(self) -> None:
        """Send all away, since the server stops."""
        self.tail.end()

    async def close(self) -> None:
        """Stop looking."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.tail.close()


def _noticed(told: "asyncio.Future[Page]") -> None:
    if not told.cancelled():
        told.exception()
