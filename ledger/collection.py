"""Keep the collector of cyclic garbage away where it would walk through much and find nothing.

While facts are read, checked and made into rows, tens of thousands of small objects are made and
dropped, none of them in a cycle.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Collect no cyclic garbage inside; afterwards all is as it was."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_rarely() -> None:
    """Leave what importing has made alone from now on, and look for cycles less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MADE_SINCE, _YOUNG, _MIDDLE)


def collect_never_again() -> None:
    """Leave alone what there is by now, which stays until the end, as when a server is ready."""
    gc.freeze()


_MADE_SINCE = 20_000
_YOUNG = 20
_MIDDLE = 20
