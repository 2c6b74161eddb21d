"""Write facts as events: when, what, about which objects."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any, NamedTuple

import orjson

from domain.fact import Fact
from domain.flexdate import BEIJING
from domain.person_name import COMMITMENT_PREFIX
from server.exports.about import beijing
from server.exports.ocel.types import (
    BOOLEAN,
    JSON,
    OFFICER,
    PROJECT,
    Attribute,
    event_attributes,
    reference_of,
)

Names = Mapping[str, str]
"""Names of persons by the seals that stand for them; empty where they are not told."""
_NOON = time(12)


class Named(NamedTuple):
    """An object that an event is about, and in which role."""

    type: str
    id: str
    qualifier: str
    is_shared: bool


def time_of(fact: Fact) -> str:
    """Give the time of an event: its instant, or noon in Beijing of the last day it may mean.

    Tools turn times into UTC, where a Beijing midnight would be of the day before.
    """
    on = fact.occurred_on
    moment = on.instant or datetime.combine(on.latest, _NOON, BEIJING)
    return moment.astimezone(BEIJING).isoformat()


def event(fact: Fact, names: Names) -> tuple[dict[str, Any], list[Named]]:
    """Give the event of a fact, and the objects that it is about."""
    about = list(_distinct(objects_of(fact, names)))
    told = {
        "id": fact.id,
        "type": fact.kind,
        "time": time_of(fact),
        "attributes": list(_attributes(fact)),
        "relationships": [{"objectId": each.id, "qualifier": each.qualifier} for each in about],
    }
    return told, about


def objects_of(fact: Fact, names: Names) -> Iterator[Named]:
    """Give the objects that a fact is about."""
    if fact.project is not None:
        yield Named(PROJECT, object_id(PROJECT, fact.project), "project concerned", is_shared=False)
    for field, value in fact.payload.items():
        yield from _referred(fact, field, value)
    for decision in fact.payload.get("decisions", ()):
        if fact.kind == "JointReviewHeld":
            yield from _referred(fact, "issue_id", decision.get("issue_id"))
    yield from _officers(fact, names)


def _referred(fact: Fact, field: str, value: Any) -> Iterator[Named]:
    reference = reference_of(fact.kind, field)
    if reference is not None and isinstance(value, str):
        within = "" if reference.type != "phase" else f"{fact.project}/"
        identity = object_id(reference.type, within + value)
        yield Named(reference.type, identity, reference.qualifier, reference.is_shared)


def _officers(fact: Fact, names: Names) -> Iterator[Named]:
    """Give the persons in charge, if their names may be told."""
    payload = fact.payload
    seals = [
        (payload.get("lead_officer"), "lead officer"),
        (payload.get("responsible_person"), "responsible person"),
        *((member.get("officer"), "team member") for member in _members(payload.get("team"))),
        *((officer, "visitor") for officer in payload.get("officers", ())),
    ]
    for seal, qualifier in seals:
        name = names.get(seal) if isinstance(seal, str) else None
        if name is not None:
            yield Named(OFFICER, object_id(OFFICER, name), qualifier, is_shared=True)


def _members(team: Any) -> list[Mapping[str, Any]]:
    return [each for each in team if isinstance(each, dict)] if isinstance(team, list) else []


def object_id(type_: str, name: str) -> str:
    """Call an object so that no other type has one of that name."""
    return f"{type_.replace(' ', '-')}/{name}"


def _distinct(named: Iterable[Named]) -> Iterator[Named]:
    """Give each object in each role once."""
    seen = set()
    for each in named:
        if (each.id, each.qualifier) not in seen:
            seen.add((each.id, each.qualifier))
            yield each


def _attributes(fact: Fact) -> Iterator[dict[str, str]]:
    """Give what an event says of itself."""
    source = f"{fact.source.system}/{fact.source.record_id}"
    common = {
        "position": str(fact.position),
        "recorded_at": beijing(fact.recorded_at),
        "occurred_on": fact.occurred_on.text,
        "source": source,
        "office": fact.actor.org,
        "reason": fact.reason,
    }
    for name, text in common.items():
        if text:
            yield {"name": name, "value": text}
    for attribute in event_attributes(fact.kind):
        text = value_of(attribute, fact.payload)
        if text is not None:
            yield {"name": attribute.name, "value": text}


def value_of(attribute: Attribute, payload: Mapping[str, Any]) -> str | None:
    """Write the value of an attribute as text; None where the fact does not state it."""
    value = payload.get(attribute.field)
    if attribute.part is not None and isinstance(value, dict):
        value = value.get(attribute.part)
    if value is None:
        return None
    if attribute.type == BOOLEAN:
        return "true" if value else "false"
    if attribute.type == JSON:
        return orjson.dumps(_unsealed(value), default=str).decode()
    return str(value)


def _unsealed(value: Any) -> Any:
    """Leave out the seals of names, which tell nobody anything."""
    if isinstance(value, dict):
        return {name: _unsealed(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_unsealed(part) for part in value]
    return None if isinstance(value, str) and value.startswith(COMMITMENT_PREFIX) else value
