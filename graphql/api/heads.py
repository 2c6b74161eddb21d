"""Learn how far the read models are, with one look for all who ask at the same time.

A look that began before somebody asked is no answer to them: it may have seen an older position. So
those who come while one is under way share the next. An answer is thus never older than its
question, and however many ask, the database is looked at once after the other.
"""

import asyncio
from contextlib import suppress
from typing import NamedTuple

import psycopg

from api.database import Position, Reader, Readers, Seen


class Guess(NamedTuple):
    """A position that is still so if still the same can be seen."""

    position: Position
    seen: Seen


class Heads:
    """Looks at the position of the read models, over a connection of its own.

    Questions that take long hold all other connections; what is known already is told meanwhile.
    """

    def __init__(self, readers: Readers) -> None:
        """Connect with the first look."""
        self._readers = readers
        self._reader: Reader | None = None
        self._next: asyncio.Future[Position | None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._last: Guess | None = None
        self._is_quiet = False

    @property
    def guess(self) -> Guess | None:
        """Give a position at which a question may be answered if its statement sees no more.

        None unless the last two looks have seen the same: where much happens, it is better to look.
        """
        return self._last if self._is_quiet else None

    async def look(self) -> Position | None:
        """Give a position that was reached after this was called; None before there are any."""
        return await asyncio.shield(self.coming())

    def coming(self) -> "asyncio.Future[Position | None]":
        """Give what `look` waits for; others wait for it too, so that nobody may cancel it."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            # Whoever waits may leave; then nobody asks for what went wrong.
            self._next.add_done_callback(_noticed)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return self._next

    async def _look(self) -> None:
        """Look until nobody waits any more."""
        while self._next is not None:
            waiting, self._next = self._next, None
            try:
                waiting.set_result(await self._read())
            except (psycopg.Error, OSError) as error:
                waiting.set_exception(error)
            except asyncio.CancelledError:
                waiting.cancel()
                raise

    async def _read(self) -> Position | None:
        """Look once, over a new connection if the old one is dead."""
        if self._reader is not None and not self._reader.connection.closed:
            with suppress(psycopg.OperationalError):
                return await self._seen_by(self._reader)
        await self._hang_up()
        self._reader = await self._readers.opened()
        return await self._seen_by(self._reader)

    async def _seen_by(self, reader: Reader) -> Position | None:
        """Look, and remember what was seen."""
        position, seen = await reader.position(), reader.seen
        before, self._last = self._last, None
        if position is not None and seen is not None:
            self._last = Guess(position, seen)
        self._is_quiet = before is not None and before == self._last
        return position

    async def close(self) -> None:
        """Look no further, and close the connection; the next look opens another."""
        if self._looking is not None and not self._looking.done():
            self._looking.cancel()
            await asyncio.wait([self._looking])
        await self._hang_up()

    async def _hang_up(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(psycopg.Error):
                await reader.connection.close()


def _noticed(look: asyncio.Future[Position | None]) -> None:
    if not look.cancelled():
        look.exception()
