"""Lock names of persons that a database holds from before names were locked."""

from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection

from domain.person_name import SealedName
from ledger.key_place import keys_of
from ledger.locked_name import PREFIX
from ledger.person_names import ERASING

_PAGE = 5_000
_IS_DONE = """
SELECT convalidated FROM pg_constraint
WHERE conname = 'only_locked' AND conrelid = 'ledger.person_names'::regclass
"""
_READABLE = """
SELECT event::text, path, commitment, salt, value FROM ledger.person_names
WHERE NOT starts_with(value, %s) AND (event, path) > (%s::uuid, %s::text[])
ORDER BY event, path LIMIT %s
"""
_LOCKED = (
    "UPDATE ledger.person_names SET value = %s, salt = %s WHERE event = %s::uuid AND path = %s"
)


class _Place(NamedTuple):
    """The key of a row: which event names the person, and where in its payload."""

    event: str
    path: list[str]


def lock_names(connection: Connection[Any]) -> None:
    """Lock all names that lie readable, and clear them from the table's files.

    The database's log and backups of before keep them until they are thrown away. Raises
    UnreadableKeys.
    """
    if _is_done(connection):
        return
    connection.execute("SELECT pg_advisory_lock(%s)", [ERASING])
    try:
        if _is_done(connection):
            return
        last: _Place | None = _Place(str(UUID(int=0)), [])
        while last is not None:
            last = _lock_some(connection, last)
        connection.execute("ALTER TABLE ledger.person_names VALIDATE CONSTRAINT only_locked")
        # What was readable stays in the table's pages until they are written anew.
        connection.execute("VACUUM FULL ledger.person_names")
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("CHECKPOINT")
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [ERASING])


def _is_done(connection: Connection[Any]) -> bool:
    """Tell whether the database itself vouches that nothing lies readable."""
    row = connection.execute(_IS_DONE).fetchone()
    # Where the check is still to come, a newer program will do it.
    return row is None or bool(row[0])


def _lock_some(connection: Connection[Any], after: _Place) -> _Place | None:
    """Lock some names behind a place, in the order of the key; give the place of the last."""
    rows = connection.execute(_READABLE, [PREFIX, *after, _PAGE]).fetchall()
    names = [
        (event, SealedName(tuple(path), commitment, bytes(salt), value))
        for event, path, commitment, salt, value in rows
    ]
    keys = keys_of(connection)
    keys.prepare(name.value for _, name in names)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            _LOCKED, [(*keys.lock(name), event, list(name.path)) for event, name in names]
        )
    return _Place(rows[-1][0], rows[-1][1]) if rows else None
