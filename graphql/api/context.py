"""Hold what resolvers may use while graphql-core executes one request field by field."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from api.clocks import Clocks, Present, clocks
from api.database import Position, Reader, Readers
from api.request import Request
from projections.judging.reach import Reach


class Reading(Protocol):
    """What a context needs of the engine."""

    readers: Readers
    clock: Callable[[], datetime]

    def present(self, position: Position, now: datetime, request: Request) -> Present:
        """Give the present of a question over all tables."""

    async def position(
        self, look: Callable[[], Awaitable[Position | None]], wanted: int = 0
    ) -> Position:
        """Tell how far the read models are, waiting a while if more is wanted."""


class Context:
    """What resolvers may use while one request is executed."""

    def __init__(self, engine: Reading, request: Request) -> None:
        """Connect only when a field wants to read."""
        self.writer = request.writer
        self.position: int | None = None
        self.read_at: dict[str, Clocks] = {}
        self._engine = engine
        self._request = request
        self._reader: Reader | None = None
        self._position: Position | None = None
        self._lock = asyncio.Lock()

    @property
    def conninfo(self) -> str:
        """Give where the database is, for readings that take connections of their own."""
        return self._engine.readers.conninfo

    @property
    def reach(self) -> Reach | None:
        """Give what limits the caller; None for who may see everything."""
        return self._request.reach

    @property
    def limited(self) -> bool:
        """Tell whether the caller may not see everything."""
        return self._request.reach is not None

    def now(self) -> datetime:
        """Give the present moment."""
        return self._engine.clock()

    async def reader(self) -> Reader:
        """Give the connection of the request."""
        async with self._lock:
            if self._reader is None:
                self._reader = await self._engine.readers.take()
            return self._reader

    async def clocks(self, times: Mapping[str, Any], key: str) -> Clocks:
        """Resolve the clocks of the root field `key`; all see the read models at one position."""
        reader = await self.reader()
        async with self._lock:
            wanted = times.get("atLeast") or 0
            if self._position is None or self._position.reached < wanted:
                self._position = await self._engine.position(reader.position, wanted)
                self.position = self._position.reached
            present = self._engine.present(self._position, self.now(), self._request)
            at = self.read_at[key] = await clocks(reader.connection, times, present)
            return at

    async def close(self) -> None:
        """Give the connection back."""
        if self._reader is not None:
            self._engine.readers.give_back(self._reader)
            self._reader = None
