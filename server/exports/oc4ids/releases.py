"""Tell the life of a project as releases, each with what one fact changed.

Merged by the rules of OCDS, the releases of a project give the project as it is exported. Facts are
told as they stand after corrections, in the order in which they are folded: the day in `date` is
that of the fact, and its time of day only keeps the order.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from domain.fact import Fact
from domain.flexdate import BEIJING
from domain.project import Project
from server.exports.oc4ids.codes import STARTED, TAGS
from server.exports.oc4ids.parts import Part
from server.exports.oc4ids.portrait import Sitter, portrait


def sitter_of(identifier: str, project: Project, address: str | None) -> Sitter:
    """Prepare a project to be drawn; with the address of its releases they are linked."""
    linked: dict[str, Part] = {}
    if address is not None:
        for fact, moment in zip(project.facts, moments(project.facts), strict=True):
            if fact.kind in TAGS:
                linked[fact.id] = {
                    "id": fact.cause,
                    "tag": [TAGS[fact.kind]],
                    "date": moment,
                    "url": f"{address}#{fact.cause}",
                }
    return Sitter(identifier, project, linked)


def moments(facts: Sequence[Fact]) -> list[str]:
    """Give each fact a moment of its first day, in the order of the facts and no two the same."""
    found, before, count = [], date.min, 0
    for fact in facts:
        day = max(fact.occurred_on.earliest, before)
        count = count + 1 if day == before else 0
        before = day
        start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        found.append((start + timedelta(microseconds=count)).isoformat(timespec="microseconds"))
    return found


def releases(sitter: Sitter) -> Iterator[Part]:
    """Give the releases of a project, the first fact's first."""
    facts, is_started = sitter.project.facts, False
    before: Part = {}
    for number, (fact, moment) in enumerate(zip(facts, moments(facts), strict=True), 1):
        is_started = is_started or fact.kind == STARTED
        now = portrait(sitter, facts[:number])
        changed = changes(before, now)
        changed.pop("id", None)
        # Of the same portrait, nothing is told twice.
        if changed or number == 1:
            yield {
                "ocid": sitter.id,
                "id": fact.cause,
                "date": moment,
                "tag": [_tag(fact, is_first=number == 1, is_started=is_started)],
                **changed,
            }
        before = now


def _tag(fact: Fact, *, is_first: bool, is_started: bool) -> str:
    """Say what stage a fact belongs to."""
    if fact.kind in TAGS:
        return TAGS[fact.kind]
    if fact.kind == STARTED:
        return "implementation"
    if is_first:
        return "planning"
    return "implementationUpdate" if is_started else "planningUpdate"


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Part:
    """Give what has to be merged into one object to make another of it; null takes away."""
    told: Part = {name: _taken(value) for name, value in before.items() if name not in now}
    for name, value in now.items():
        if name not in before:
            told[name] = value
        elif before[name] != value:
            told[name] = _changed(before[name], value)
    return told


def _taken(value: Any) -> Any:
    """Take a value away; of an object each part is, since that is what a merge goes by."""
    if isinstance(value, dict):
        return {name: _taken(part) for name, part in value.items()}
    return None


def _changed(before: Any, now: Any) -> Any:
    """Give what has to be merged into a value."""
    if isinstance(now, dict) and isinstance(before, dict):
        return changes(before, now)
    if _is_identified(now) and _is_identified(before):
        known = {each["id"]: each for each in before}
        return [
            {"id": each["id"], **changes(known[each["id"]], each)} if each["id"] in known else each
            for each in now
            if known.get(each["id"]) != each
        ]
    return now


def _is_identified(value: Any) -> bool:
    """Tell whether a value is a list whose items are merged by their ids."""
    return isinstance(value, list) and all(
        isinstance(each, dict) and "id" in each for each in value
    )
