"""Read names of persons beside the events that hold commitments to them, unlocked by their keys."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from ledger.key_place import keys_of
from ledger.person_keys import PersonKeys
from ledger.reading import Question, Reading, Row

ERASING = 4_018_230_003
"""The advisory lock that who erases takes alone, and who locks names beside the writer shares."""

WRITING = 4_018_230_002
"""The advisory lock of the writer, as `ledger.take` takes it."""

SHARE_ERASING = f"SELECT pg_advisory_xact_lock_shared({ERASING})"

PUT_NAME = (
    "INSERT INTO ledger.person_names (event, path, commitment, salt, value)"
    " VALUES (%s, %s, %s, %s, %s)"
)


@Reading
def names_behind(keys: PersonKeys, events: Sequence[str]) -> Question[dict[str, str]]:
    """Read the names in events by their commitments, as far as they are not erased."""
    sql = (
        "SELECT commitment, value FROM ledger.person_names"
        " WHERE event = ANY (%s::uuid[]) AND value IS NOT NULL"
    )

    def named(rows: list[Row]) -> dict[str, str]:
        found = ((commitment, keys.unlock(value)) for commitment, value in rows)
        return {commitment: name for commitment, name in found if name is not None}

    return Question(sql, [list(events)], named)


@Reading
def handed_out(keys: PersonKeys, events: Sequence[str]) -> Question[list[dict[str, Any]]]:
    """Read the names of events with their salts, as far as they are not erased."""
    sql = (
        "SELECT event::text, path, commitment, value, salt"
        " FROM ledger.person_names WHERE event = ANY (%s::uuid[]) AND value IS NOT NULL"
        " ORDER BY event, path"
    )

    def opened(rows: list[Row]) -> list[dict[str, Any]]:
        keys.refresh()
        found = []
        for event, path, commitment, value, salt in rows:
            name = keys.open(commitment, value, salt)
            if name is not None:
                told = {"event": event, "path": path, "commitment": commitment}
                found.append({**told, "value": name.value, "salt": name.salt.hex()})
        return found

    return Question(sql, [list(events)], opened)


_FIRST_AND_LAST = """
(SELECT value FROM ledger.person_names WHERE value IS NOT NULL ORDER BY event LIMIT 1)
UNION ALL
(SELECT value FROM ledger.person_names WHERE value IS NOT NULL ORDER BY event DESC LIMIT 1)
"""


def trouble_with_names(connection: Connection[Any]) -> str | None:
    """Say why names cannot be read, as the oldest and the newest show; `verify` tries them all."""
    keys = keys_of(connection)
    values = [value for (value,) in connection.execute(_FIRST_AND_LAST).fetchall()]
    if all(keys.unlock(value) is not None for value in values):
        return None
    if keys.path is None or not keys.path.exists():
        return (
            f"the keys of persons are not in {keys.path}, so names are told to nobody; put the"
            " file back, or name its place by LIFECYCLE_PERSON_KEYS"
        )
    if any(keys.knows(value) for value in values):
        return (
            f"a key is missing in {keys.path}, so names are told to nobody; put a newer copy of the"
            " file back"
        )
    return (
        f"the keys in {keys.path} are those of another ledger, so names are told to nobody; put"
        " back what was there, or append it to the file"
    )
