"""Say when facts are recorded: by the machine's clock, or when a history was received."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain.draft import Draft
from ledger.unavailable import ClockBehind

Clock = Callable[[], datetime]
TOLERANCE = timedelta(minutes=5)
"""So much two clocks may differ."""


class Timekeeper:
    """Reads the clock once a group; a replayed fact brings its own time."""

    def __init__(self, clock: Clock, *, replayed: bool, tolerance: timedelta = TOLERANCE) -> None:
        """Use a clock that may be behind what is recorded by at most the tolerance."""
        self._clock = clock
        self._replayed = replayed
        self._tolerance = tolerance

    def begin(self, last_recorded_at: datetime | None) -> Callable[[Draft], datetime]:
        """Give the moment of each fact of a group. Raises ClockBehind."""
        now = self._clock().astimezone(UTC)
        if self._replayed:
            return lambda draft: now if draft.recorded_at is None else draft.recorded_at
        if last_recorded_at is not None and last_recorded_at - now > self._tolerance:
            raise ClockBehind(behind=last_recorded_at - now)
        return lambda _: now


def utc_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)
