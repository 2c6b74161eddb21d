"""Learn, statement by statement, which way of planning it is the fastest.

Planning a large statement costs PostgreSQL more than running it for one project, so planning it
once for all values pays there. Over many projects a plan that does not know the values can be many
times slower. And where it takes thousands of rows for a few, it runs through all of one kind for
each of another, unless it is told to hash or to sort them. The server's own estimates do not tell
these cases apart. So the ways are tried and timed, and a try that takes too long is cut short.
"""

import math
from collections.abc import Iterator, Sequence
from time import perf_counter

import psycopg

from api.database import Reader, Way
from api.leaf import MOVED
from api.statement import Wire

_TRIALS = 5
TRIALS_AT_MOST = len(Way) * _TRIALS
"""After so many runs by turns it is known how to plan a statement."""
_FEW_TRIALS = 2
_AGAIN_AFTER = 2_000
_LEAST_PATIENCE = 0.05
_FIRST_PATIENCE = 1.0
_SECOND_PATIENCE = 8.0
_STILL_FAST = 0.005
_SLOWER = 1.5
"""What takes no more seconds than the one, or times its best than the other, is not tried anew."""
_SLOW = 0.1
"""From so many seconds on it is worth finding out whether loops are what takes so long."""


class Pace:
    """What is known of the speed of one statement."""

    __slots__ = ("_last", "_runs", "_settled", "_took")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._last = 0.0
        self._settled: Way | None = None
        self._forget()

    async def text(self, reader: Reader, statement: bytes, values: Sequence[Wire]) -> bytes | None:
        """Run the statement the way that has been fastest, or a way that is still to be timed.

        The same statement may be running for several callers, so what counts is not how often it
        was asked but what has been timed by now.
        """
        self._runs += 1
        if self._runs > _AGAIN_AFTER:
            self._look_again()
        if self._settled is not None:
            return await self._timed(self._settled, None, reader, statement, values)
        *tries, last = self._attempts()
        for way, seconds in tries:
            try:
                return await self._timed(way, seconds, reader, statement, values)
            except psycopg.errors.QueryCanceled:
                self._took[way].append(math.inf)
            finally:
                await _reset(reader)
        return await self._timed(*last, reader, statement, values)

    def _look_again(self) -> None:
        """Learn anew what has become slower; callers who all plan again at once cost much."""
        if self._last > _STILL_FAST and self._last > _SLOWER * min(map(self._least, Way)):
            self._forget()
        else:
            self._runs = 1

    def _forget(self) -> None:
        """Begin to learn anew, since the tables may have grown."""
        self._runs = 1
        self._settled = None
        self._took: dict[Way, list[float]] = {way: [] for way in Way}

    def _attempts(self) -> Iterator[tuple[Way, float | None]]:
        """Give the ways to try, each with the seconds it may take, until one answers."""
        best = min(Way, key=self._least)
        least = self._least(best)
        if least == math.inf:
            yield Way.ANEW, _FIRST_PATIENCE
            yield Way.HASHED, _SECOND_PATIENCE
        else:
            trial = next((way for way in Way if self._is_to_be_tried(way, least)), None)
            if trial is None:
                self._settled = best
            elif trial is not best:
                yield trial, 4 * least + _LEAST_PATIENCE
        yield best, None

    def _is_to_be_tried(self, way: Way, least: float) -> bool:
        """Tell whether more must be known of a way; one that was cut short has had its chance.

        Callers wait for trials, so there are few of what is slow anyway. What is fast is timed more
        often, since a moment's noise outweighs it.
        """
        took = self._took[way]
        if len(took) >= _TRIALS or math.inf in took:
            return False
        if len(took) >= _FEW_TRIALS and least > _SLOW:
            return False
        return way is not Way.HASHED or least > _SLOW

    def _least(self, way: Way) -> float:
        """Give the least seconds a way has taken."""
        return min(self._took[way], default=math.inf)

    async def _timed(
        self,
        way: Way,
        seconds: float | None,
        reader: Reader,
        statement: bytes,
        values: Sequence[Wire],
    ) -> bytes | None:
        """Run the statement in one way and note how long it took."""
        await reader.set(way, seconds=seconds)
        if way is Way.ONCE and reader.meets_first(statement):
            # Each connection plans the first time, which is not what all later times will take.
            text = await reader.text(statement, values)
            if seconds is None:
                return text
        started = perf_counter()
        text = await reader.text(statement, values)
        self._last = perf_counter() - started
        if self._settled is None and text != MOVED:
            self._took[way].append(self._last)
            del self._took[way][_TRIALS:]
        return text


async def _reset(reader: Reader) -> None:
    """Bound nothing any more, unless the connection is gone."""
    if not reader.connection.closed:
        await reader.set(Way.ANEW)
