"""Hold what resolvers may use while graphql-core executes one request field by field."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.clocks import Clocks, clocks, policies_of
from api.database import Position, Reader
from api.finding import Finding
from api.named_policies import NamedPolicy
from api.request import Request
from projections.judging.reach import Reach


class Context:
    """What resolvers may use while one request is executed."""

    def __init__(
        self, finding: Finding, request: Request, policies: tuple[NamedPolicy, ...] = ()
    ) -> None:
        """Connect only when a field wants to read; `policies` are those that the request names."""
        self.writer = request.writer
        self.position: int | None = None
        self.read_at: dict[str, Clocks] = {}
        self._finding = finding
        self._policies = policies
        self._request = request
        self._reader: Reader | None = None
        self._position: Position | None = None
        self._lock = asyncio.Lock()

    @property
    def conninfo(self) -> str:
        """Give where the database is, for readings that take connections of their own."""
        return self._finding.readers.conninfo

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
        return self._finding.clock()

    async def reader(self) -> Reader:
        """Give the connection of the request."""
        async with self._lock:
            if self._reader is None:
                self._reader = await self._finding.readers.take()
            return self._reader

    async def clocks(self, times: Mapping[str, Any], key: str) -> Clocks:
        """Resolve the clocks of the root field `key`; all see the read models at one position."""
        reader = await self.reader()
        async with self._lock:
            wanted = times.get("atLeast") or 0
            if self._position is None or self._position.reached < wanted:
                self._position = await self._finding.position(reader.position, wanted)
                self.position = self._position.reached
            present = self._finding.present(self._position, self.now(), self._request)
            policies = policies_of(key, self._policies)
            at = self.read_at[key] = await clocks(reader.connection, times, present, policies)
            return at

    async def close(self) -> None:
        """Give the connection back."""
        if self._reader is not None:
            self._finding.readers.give_back(self._reader)
            self._reader = None
