"""Carry the right to write to the mutations; who is calling is only found out when it matters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from intake.grant import Grant
from intake.intake import Intake


@dataclass(frozen=True, slots=True)
class Writer:
    """The door through which facts reach the ledger, and who stands before it (None: nobody)."""

    intake: Intake
    grant: Callable[[], Awaitable[Grant | None]]
