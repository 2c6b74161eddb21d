"""Write a line of JSON about requests to standard error: who asked what, and what became of it."""

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TextIO

import structlog
from api.errors import INTERNAL, TIMEOUT, UNAVAILABLE
from api.request import Measured

from domain.errors import Malformed

_FAULTS = frozenset({INTERNAL, TIMEOUT, UNAVAILABLE})
_SLOW_SECONDS = 1.0
_MILLISECONDS = 1000


class Wanted(StrEnum):
    """Which requests are written down."""

    FAULTS = "faults"
    REQUESTS = "requests"
    NOTHING = "off"


def wanted_from_environment() -> Wanted:
    """Read `LIFECYCLE_LOG`. Raises Malformed."""
    text = os.environ.get("LIFECYCLE_LOG") or Wanted.FAULTS
    try:
        return Wanted(text)
    except ValueError as error:
        raise Malformed(
            code="invalid_value",
            field="LIFECYCLE_LOG",
            value=text,
            cure="Set it to faults, requests or off, or leave it out.",
        ) from error


def request_log(wanted: Wanted, stream: TextIO | None = None) -> Callable[[Measured], None]:
    """Give what writes requests down; of `faults` only those that failed here or took long."""
    log: Any = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )

    def write(measured: Measured) -> None:
        is_fault = not _FAULTS.isdisjoint(measured.codes)
        is_slow = measured.seconds >= _SLOW_SECONDS
        if wanted is Wanted.NOTHING or (wanted is Wanted.FAULTS and not (is_fault or is_slow)):
            return
        say = log.error if is_fault else log.info
        say(
            "graphql",
            request_id=measured.reference,
            token=measured.request.caller,
            operation=measured.operation,
            kind=measured.kind,
            position=measured.position,
            cost=measured.cost,
            cached=measured.cached,
            milliseconds=round(measured.seconds * _MILLISECONDS, 3),
            database_milliseconds=round(measured.database_seconds * _MILLISECONDS, 3),
            codes=list(measured.codes),
        )

    return write
