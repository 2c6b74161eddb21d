"""What a writer asks the database and tells it, whether it waits in a thread or in a loop."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.event_row import fields
from ledger.group import Group, Last, Standing
from ledger.identity import Entry, Names
from ledger.person_keys import PersonKeys
from ledger.rows import Packed, Row, RowType
from ledger.tree import Edge

TAKE = "SELECT size, edge, recorded_at, last, known FROM ledger.take(%s::text[], %s::text[])"
NAMES = "SELECT event::text, path, value FROM ledger.person_names WHERE event = ANY (%s::uuid[])"
DECREED = (
    "SELECT coalesce(max(position), 0) FROM ledger.events"
    " WHERE stream >= 'policy/' AND stream < 'policy0'"
)
PUT = (
    "SELECT ledger.put(%s::ledger.heads[], %s::ledger.events[], %s::ledger.person_names[], "
    "%s::ledger.aliases[], %s::ledger.mentions[])"
)
CONTINUE = "SELECT ledger.continue_head(%s::ledger.heads[])"
_HASH_START = 8


def put_values(group: Group, types: Mapping[str, RowType]) -> list[Packed]:
    """Give the values of PUT."""
    return [
        types["heads"].array(group.heads),
        types["events"].array([fields(event) for event in group.take_events()]),
        types["person_names"].array(group.names),
        types["aliases"].array(group.aliases),
        types["mentions"].array(group.mentions),
    ]


def continue_values(group: Group, types: Mapping[str, RowType]) -> list[Packed]:
    """Give the value of CONTINUE."""
    return [types["heads"].array(group.heads)]


def side_rows(group: Group) -> dict[str, list[Row]]:
    """Give what a group adds beside its events, by table."""
    return {"person_names": group.names, "aliases": group.aliases, "mentions": group.mentions}


def names(rows: Iterable[tuple[Any, ...]], keys: PersonKeys) -> dict[str, Names]:
    """Read the answer to NAMES, by event."""
    found: dict[str, dict[tuple[str, ...], str | None]] = {}
    for event, path, value in rows:
        found.setdefault(event, {})[tuple(path)] = keys.unlock(value)
    return dict(found)


def standing(streams: Sequence[str], row: tuple[Any, ...], decreed: int = 0) -> Standing:
    """Read the answer to TAKE, asked in a binary cursor, and that to DECREED."""
    size, edge, recorded_at, last, known = row
    found: dict[str, list[Entry]] = {}
    for key, identifier, position, kind, stream, version_key, digest in known or ():
        entry = Entry(identifier, position, kind, stream, version_key, bytes.fromhex(digest))
        found.setdefault(key, []).append(entry)
    return Standing(
        Edge() if size is None else Edge.from_bytes(size, edge),
        recorded_at,
        {
            stream: Last(int.from_bytes(joined[:_HASH_START], "big"), joined[_HASH_START:])
            for stream, joined in zip(streams, last, strict=True)
            if joined is not None
        },
        found,
        decreed,
    )
