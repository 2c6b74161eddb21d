"""Say what is wrong with a place where something was to be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import Refused


class UnusableTarget(Refused):
    """Nothing can be written at {value}: {reason}."""

    code = "unusable_target"
    cure = "Choose a place that you may write to."


@contextmanager
def usable(target: Path) -> Iterator[None]:
    """Write below a target. Raises UnusableTarget."""
    try:
        yield
    except OSError as error:
        raise UnusableTarget(value=target, reason=error.strerror) from error
