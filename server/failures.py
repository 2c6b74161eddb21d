"""Say in one line what ended a command before it was done."""

import os
import sys
from typing import NoReturn

import psycopg
from rich.markup import escape

from domain.errors import LedgerError, Malformed
from server.terminal import REFUSED, err

DEBUG = "LIFECYCLE_DEBUG"


def is_shown_whole(error: Exception) -> bool:
    """Tell whether a failure is a fault of ours that somebody wants to see with its traceback."""
    expected = isinstance(error, LedgerError | psycopg.OperationalError | BrokenPipeError)
    return not expected and bool(os.environ.get(DEBUG))


def end_with(error: Exception) -> NoReturn:
    """Tell what went wrong in one line, and end."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        err.print(f"[red]error:[/red] {escape(' '.join(_told(error).split()))}")
    sys.exit(REFUSED)


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
