"""Name what a statutory clock runs out for, and what is told of one that runs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.fact import Fact


class AlarmKind(StrEnum):
    """What a clock runs out for."""

    PERMIT_VOID = "permit_void"
    APPROVAL_VOID = "approval_void"
    IDLE_LAND = "idle_land"
    LAND_RESUMED = "land_resumed"
    STOPPED_LAND = "stopped_land"
    STOP_REPORT = "stop_report"
    PERMIT_REVERIFY = "permit_reverify"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A clock that runs: what it is about, the last fact that set it, and the last good day."""

    kind: AlarmKind
    subject: str
    phase_id: str | None
    fact: Fact
    on: date
