"""Land-and-start (拿地即开工): building may begin as soon as the land is won."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.flexdate import FlexDate
from domain.lead_time import lead_time
from domain.marks import Mark
from domain.phase import own_phase


@dataclass(frozen=True, slots=True)
class LandAndStart:
    """One landing with what is known about it.

    `achieved` is None when a date is too coarse, or the calendar too far off, to tell.
    """

    landed: Mark
    achieved: bool | None


def land_and_start(
    marks: Sequence[Mark], rules: dict[str, Any], default: str, within: int | None = None
) -> list[LandAndStart]:
    """Judge every landing of a project, in fold order, under the policy of its own date.

    `marks` are in fold order; `rules` are those of a land-and-start policy, `within` replaces its
    number of working days, `default` is the default phase. A landing achieves it when some `until`
    mark of the same phase (marks without a phase belong to the default phase) lies on the day of
    the landing or up to so many working days after it: at least 0 calendar days and at most
    `within` working days in (landing, mark]. A permit before the land does not count.
    """
    limit = rules["within_workdays"] if within is None else within
    judged = []
    for landed in (mark for mark in marks if mark.name == rules["since"]):
        untils = _untils(marks, landed, rules["until"], default)
        judged.append(LandAndStart(landed, _any(_soon(landed.on, on, limit) for on in untils)))
    return judged


def achieved_in(judged: Iterable[LandAndStart], start: date, end: date) -> bool:
    """Say whether a landing within [start, end], by the last day of its date, surely achieved."""
    return any(each.achieved and start <= each.landed.on.latest <= end for each in judged)


def _untils(marks: Sequence[Mark], landed: Mark, name: str, default: str) -> Iterable[FlexDate]:
    phase = own_phase(landed, default)
    return (m.on for m in marks if m.name == name and own_phase(m, default) == phase)


def _soon(since: FlexDate, until: FlexDate, limit: int) -> bool | None:
    took = lead_time(since, until)
    if took.days_max < 0:
        return False
    if took.workdays_min is None or took.workdays_max is None:
        return None
    if took.workdays_min > limit:
        return False
    return True if took.days_min >= 0 and took.workdays_max <= limit else None


def _any(answers: Iterable[bool | None]) -> bool | None:
    given = list(answers)
    if any(given):
        return True
    return None if None in given else False
