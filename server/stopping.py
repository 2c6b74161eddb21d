"""End in order when told to: each signal runs through every `finally` on the way out."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ONCE_MORE_SECONDS = 0.01


class Stopped(KeyboardInterrupt):
    """Somebody asked this process to end; no `except Exception` may stand in the way."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first signal into Stopped; ignore further ones, so that cleaning up can finish.

    A terminal that is closed counts as SIGTERM, unless nohup or a service told us to ignore that.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _pass_on)
    with _handled(_stop), _stopping_once_more():
        yield


@contextmanager
def deferred() -> Iterator[None]:
    """Let signals wait until the end of a `with` in which an exception may get lost.

    That is so where modules are imported: callbacks of the import pass over it, and the making of a
    class turns it into another one.
    """
    told: list[int] = []
    with _handled(lambda number, _: told.append(number)):
        yield
    if told:
        signal.raise_signal(told[0])


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work to its end; a signal cancels it first, so that it can clean up.

    Raises Stopped. An exception thrown into a running loop would hit whatever task is at work.
    """
    try:
        # The loop takes the signals over and forgets who had them.
        with _handled(_stop), asyncio.Runner() as runner:
            return runner.run(_cancellable(work))
    except Stopped:
        _ignore()
        raise


@contextmanager
def _stopping_once_more() -> Iterator[None]:
    """Raise Stopped once more where it hit a callback or a `__del__`, which nothing gets out of."""
    before = sys.unraisablehook

    def lost(what: "UnraisableHookArgs") -> None:
        if isinstance(what.exc_value, Stopped):
            # Not at once, as that would be lost in here as well.
            signal.signal(signal.SIGALRM, _stop)
            signal.setitimer(signal.ITIMER_REAL, _ONCE_MORE_SECONDS)
        else:
            before(what)

    sys.unraisablehook = lost
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = before


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle the signals in one way for the length of a `with`."""
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


async def _cancellable(work: Coroutine[Any, Any, T]) -> T:
    """Await work, cancelling it at the first signal and ignoring further ones."""
    task = asyncio.ensure_future(work)
    told: list[int] = []

    def stop(number: int) -> None:
        if not told:
            told.append(number)
            task.cancel()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise Stopped from None
        raise


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End the work at hand."""
    _ignore()
    raise Stopped


def _pass_on(_number: int, _frame: FrameType | None) -> None:
    """Let whoever handles SIGTERM at present handle this signal."""
    signal.raise_signal(signal.SIGTERM)


def _ignore() -> None:
    """Let nothing disturb the cleaning up."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
