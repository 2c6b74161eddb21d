"""Read everything about one project as of the two clocks, straight from its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection

from domain.amendments import visible_facts
from domain.envelope import Recorded
from domain.errors import Malformed, NotFound
from domain.fact import Fact
from domain.flexdate import beijing_day
from domain.policy import Policy, parse
from domain.project import Project, project_at
from intake.directory import Directory
from intake.subject import reference
from ledger.clock import utc_now
from ledger.key_place import keys_of
from ledger.person_names import names_behind
from ledger.reading import head_size, position_at, stream_events
from server.clocks import end_of, judged_day

RETRACTED, CORRECTED = "retracted", "corrected"


class UnknownProject(NotFound):
    """No project is known as {value}."""

    code = "unknown_project"
    cure = "Give its id, its national code, or source:<system>/<record id>."


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A version of a source record that came after a later one and was set aside."""

    kind: str
    source: str
    record_version: str
    received_at: datetime
    event: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of one project at a position, and where it stands on a day."""

    stream: str
    position: int
    on: date
    events: Sequence[Recorded]
    fates: Mapping[str, str]
    names: Mapping[str, str]
    overtaken: Sequence[Overtaken]
    project: Project


async def account(
    connection: AsyncConnection[Any], name: str, known: str | None, on: str | None
) -> Account:
    """Read a project by any of its names. Raises UnknownProject and Malformed."""
    moment = end_of(known) if known else None
    day = judged_day(on) if on else beijing_day(moment or utc_now())
    stream = await stream_of(connection, name)
    position = await (position_at(connection, moment) if moment else head_size(connection))
    events = await stream_events(connection, stream, position)
    facts = visible_facts(events)
    policies = await _facts_like(connection, "policy/", position)
    lists = await _facts_like(connection, "list/", position)
    return Account(
        stream,
        position,
        day,
        events,
        fates_of(events, facts),
        await names_behind(connection, keys_of(connection), [event.id for event in events]),
        await _overtaken(connection, stream, moment),
        project_at(facts, day, _policies(policies), lists),
    )


def fates_of(events: Sequence[Recorded], facts: Sequence[Fact]) -> dict[str, str]:
    """Tell of each event of a stream that is no longer in force as it was, what became of it."""
    in_force = {fact.id: fact.cause for fact in facts}
    amended = {event.corrects for event in events if event.corrects is not None}
    fates = {}
    for event in events:
        if event.corrects is None and event.id not in in_force:
            fates[event.id] = RETRACTED
        elif event.id in amended and in_force.get(event.id) != event.id:
            fates[event.id] = CORRECTED if event.corrects is None else "amended"
    return fates


async def stream_of(connection: AsyncConnection[Any], name: str) -> str:
    """Find the stream of a project. Raises UnknownProject."""
    try:
        key = reference(name)
    except Malformed as error:
        raise UnknownProject(value=name) from error
    directory = Directory()
    await directory.look_up(connection, [key])
    streams = sorted(directory.streams_of(key))
    if not streams:
        raise UnknownProject(value=name)
    return streams[0]


async def _facts_like(connection: AsyncConnection[Any], prefix: str, position: int) -> list[Fact]:
    """Give the facts in all streams of one type."""
    cursor = await connection.execute(
        "SELECT stream FROM ledger.events WHERE version = 1 AND stream >= %s AND stream < %s",
        (prefix, prefix[:-1] + "0"),
    )
    facts: list[Fact] = []
    for (stream,) in await cursor.fetchall():
        facts += visible_facts(await stream_events(connection, stream, position))
    return facts


def _policies(facts: Sequence[Fact]) -> list[Policy]:
    """Give the policies that were adopted."""
    adopted = (_policy(fact) for fact in facts if fact.kind == "PolicyAdopted")
    return [policy for policy in adopted if policy is not None]


def _policy(fact: Fact) -> Policy | None:
    """Give an adopted policy; one of a kind without rules of ours is kept and never judges."""
    try:
        return parse(fact.payload["body"])
    except Malformed:
        return None


async def _overtaken(
    connection: AsyncConnection[Any], stream: str, moment: datetime | None
) -> list[Overtaken]:
    """Give what was superseded."""
    cursor = await connection.execute(
        "SELECT kind, source_key, record_version, received_at, event::text FROM ledger.superseded"
        " WHERE stream = %s AND received_at <= coalesce(%s, 'infinity'::timestamptz)"
        " ORDER BY number",
        (stream, moment),
    )
    return [Overtaken(*row) for row in await cursor.fetchall()]
