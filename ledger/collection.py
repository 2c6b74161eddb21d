"""Keep the collector of cyclic garbage away while a large group is made into rows.

Tens of thousands of small objects are made and dropped then, none of them in a cycle, and the
collector would walk through all of them again and again for nothing.
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
