"""Learn, statement by statement, whether to plan it once for all values or anew for each.

Planning a large statement costs PostgreSQL more than running it for one project, so planning once
pays there. Over many projects a plan that does not know the values can be many times slower, and
the server's own estimates do not tell. So both ways are tried and timed.
"""

import math
from collections.abc import Sequence
from time import perf_counter

import psycopg

from api.database import Reader
from api.statement import Wire

_TRIALS = 2
_AGAIN_AFTER = 2_000
_LEAST_PATIENCE = 0.05


class Pace:
    """What is known of the speed of one statement."""

    __slots__ = ("_anew", "_once", "_runs")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._runs = 0
        self._anew: list[float] = []
        self._once: list[float] = []

    async def text(self, reader: Reader, statement: bytes, values: Sequence[Wire]) -> bytes | None:
        """Run the statement the way that has been faster, or the way that is still to be timed.

        The same statement may be running for several callers, so what counts is not how often it
        was asked but what has been timed by now.
        """
        self._runs += 1
        if self._runs > _AGAIN_AFTER:
            self._runs, self._anew, self._once = 1, [], []
        if len(self._anew) < _TRIALS:
            return await self._planned_anew(reader, statement, values)
        if len(self._once) < _TRIALS:
            return await self._planned_once_on_trial(reader, statement, values)
        await reader.set(planned_once=min(self._once) < min(self._anew))
        return await reader.text(statement, values)

    async def _planned_anew(
        self, reader: Reader, statement: bytes, values: Sequence[Wire]
    ) -> bytes | None:
        await reader.set(planned_once=False)
        started = perf_counter()
        text = await reader.text(statement, values)
        self._anew.append(perf_counter() - started)
        return text

    async def _planned_once_on_trial(
        self, reader: Reader, statement: bytes, values: Sequence[Wire]
    ) -> bytes | None:
        # A plan for all values may be so bad that the question would fail, so it is cut short.
        await reader.set(planned_once=True, seconds=4 * min(self._anew) + _LEAST_PATIENCE)
        started = perf_counter()
        try:
            text = await reader.text(statement, values)
        except psycopg.errors.QueryCanceled:
            self._once.append(math.inf)
            return await self._planned_anew(reader, statement, values)
        finally:
            await reader.set(planned_once=False)
        self._once.append(perf_counter() - started)
        return text
