"""Bound the time of many tasks by one timer.

All may take equally long, so whoever began first is due first. A timer for each of them would cost
more than many an answer takes to be put together.
"""

import asyncio
from types import TracebackType


class Deadlines:
    """Ends what takes longer than so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Bound nothing yet."""
        self._seconds = seconds
        self._running: dict[Deadline, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def bound(self) -> "Deadline":
        """Bound the time of a `with`, which ends with TimeoutError when it is up."""
        return Deadline(self)

    def begin(self, deadline: "Deadline") -> None:
        """Count from now on."""
        loop = asyncio.get_running_loop()
        self._running[deadline] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._end)

    def end(self, deadline: "Deadline") -> None:
        """Count no more."""
        self._running.pop(deadline, None)

    def _end(self) -> None:
        """Stop all who are due, and wait for the next."""
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        for deadline, due in list(self._running.items()):
            if due > now:
                self._timer = loop.call_at(due, self._end)
                return
            del self._running[deadline]
            deadline.expire()


class Deadline:
    """The bound of one task."""

    __slots__ = ("_cancelling", "_deadlines", "_is_expired", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        """Wait for the `with`."""
        self._deadlines = deadlines
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._is_expired = False

    def expire(self) -> None:
        """Stop the task where it is."""
        assert self._task is not None
        self._is_expired = True
        self._task.cancel()

    def __enter__(self) -> None:
        """Begin to count."""
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        self._deadlines.begin(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say that the time was up, unless somebody else stopped the task as well."""
        self._deadlines.end(self)
        if not self._is_expired or self._task is None:
            return
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
