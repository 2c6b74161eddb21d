"""End in order when told to: Ctrl-C and SIGTERM run through every `finally` on the way out."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Somebody asked this process to end; no `except Exception` may stand in the way."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first signal into Stopped; ignore further ones, so that cleaning up can finish."""
    before = {number: signal.signal(number, _stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End the work at hand."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped
