"""Carry the right to write to the mutations; who is calling is only found out when it matters."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.grant import Grant
from intake.intake import Intake


@dataclass(frozen=True, slots=True)
class BundleWish:
    """What evidence somebody wants to take along: of a project, of events, or of everything."""

    project: str | None
    events: tuple[str, ...]
    everything: bool
    with_names: bool


HandOut = Callable[[BundleWish, Grant], Awaitable[Mapping[str, Any]]]
"""Makes a bundle for somebody and says where it can be fetched."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The door through which facts reach the ledger, and who stands before it (None: nobody)."""

    intake: Intake
    grant: Callable[[], Awaitable[Grant | None]]
    hand_out: HandOut | None = None
