"""Say in one line what ended a command before it was done."""

import errno
import os
import sys
from typing import NoReturn, TypeGuard

import psycopg
from rich.markup import escape

from domain.errors import LedgerError, Malformed
from server.terminal import REFUSED, UNWRITTEN, err

DEBUG = "LIFECYCLE_DEBUG"
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class OutputLost(LedgerError):
    """The output could not be written: {reason}.

    What a command records is recorded before it reports.
    """

    code = "output_lost"
    cure = "What was done stays done, only its report is lost; make room or send it elsewhere."


class DiskFull(LedgerError):
    """A file could not be written: {reason}."""

    code = "disk_full"
    cure = "Make room in the folder of the data and in that of temporary files, and try again."


def is_shown_whole(error: Exception) -> bool:
    """Tell whether a failure is a fault of ours that somebody wants to see with its traceback."""
    expected = isinstance(error, LedgerError | psycopg.OperationalError | BrokenPipeError)
    expected = expected or _is_of_the_disk(error)
    return not expected and bool(os.environ.get(DEBUG))


def end_with(error: Exception) -> NoReturn:
    """Tell what went wrong in one line, and end."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone, as `head` does; there is nobody to tell.
        _forget_output()
        sys.exit(REFUSED)
    code = REFUSED
    if _is_of_the_disk(error):
        if _is_output_stuck():
            error, code = OutputLost(reason=error.strerror), UNWRITTEN
            _forget_output()
        else:
            error = DiskFull(reason=error.strerror)
    err.print(f"[red]error:[/red] {escape(' '.join(_told(error).split()))}")
    sys.exit(code)


def _is_of_the_disk(error: Exception) -> TypeGuard[OSError]:
    """Tell whether something could not be written, mostly for want of room."""
    return isinstance(error, OSError) and error.errno in _OF_THE_DISK


def _is_output_stuck() -> bool:
    """Tell whether it is our output that cannot be written, by writing the end of a line to it."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def _forget_output() -> None:
    """Let what still waits to be written go nowhere, or Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _given(error: LedgerError) -> str:
    """Repeat the value that was not understood, where the message does not name it."""
    value = getattr(error, "value", None) if isinstance(error, Malformed) else None
    return "" if value is None or str(value) in str(error) else f" Given was: {value!s:.200}"


def _told(error: Exception) -> str:
    """Put a failure into words."""
    if isinstance(error, LedgerError):
        cure = "" if error.cure in str(error) else error.cure
        return f"{error} ({error.code}){_given(error)} {cure}"
    if isinstance(error, psycopg.OperationalError):
        return f"The database failed: {error}"
    return f"Unexpected {type(error).__name__}: {error}. Set {DEBUG}=1 to see where."
