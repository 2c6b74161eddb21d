"""Erase names of persons: two people decide, then the names are gone and every proof holds.

A name is emptied in the database and the key of its person thrown away, so that it is gone from
old rows, logs, standby servers and backups too. Where the person remains named elsewhere, those
names are locked anew under another key first.

The database's owner erases, since the application may only insert and select;
the guards let through nothing else. What was decided and not done yet, after a
crash, is done the next time.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from domain.errors import NotFound
from domain.person_name import SealedName
from domain.receipt import Receipt
from intake.grant import Grant
from ledger.key_place import keys_of
from ledger.person_keys import PersonKeys
from ledger.person_names import ERASING, WRITING
from ledger.reading import ledger_events
from server.administration import request
from server.house import House

_MOST = 800
"""So many names fit into one event."""
ERASER = 4_018_230_004
"""The advisory lock of who erases, from the first name to the last."""
_PAGE = 5_000
_FOUND = """
SELECT n.event, n.path, n.value FROM ledger.person_names AS n
JOIN unnest(%s::uuid[], %s::text[]) AS p (event, path)
    ON n.event = p.event AND n.path = string_to_array(p.path, '.')
WHERE n.value IS NOT NULL
"""
_EMPTIED = """
UPDATE ledger.person_names AS n SET value = NULL, salt = NULL
FROM unnest(%s::uuid[], %s::text[]) AS p (event, path)
WHERE n.event = p.event AND n.path = string_to_array(p.path, '.') AND n.value IS NOT NULL
"""
_REMAINING = """
SELECT DISTINCT split_part(n.value, ':', 3) FROM ledger.person_names AS n
WHERE split_part(n.value, ':', 3) COLLATE "C" = ANY (%s) AND NOT EXISTS (
    SELECT FROM unnest(%s::uuid[], %s::text[]) AS p (event, path)
    WHERE n.event = p.event AND n.path = string_to_array(p.path, '.'))
"""
_TOLD = "INSERT INTO ledger.erasures DEFAULT VALUES"
_OF_PERSONS = """
SELECT event::text, path, commitment, value, salt FROM ledger.person_names
WHERE split_part(value, ':', 3) COLLATE "C" = ANY (%s)
"""
_LOCKED_ANEW = """
UPDATE ledger.person_names SET value = %s, salt = %s WHERE event = %s::uuid AND path = %s
"""
_OF_PERSON = """split_part(value, ':', 3) COLLATE "C" = split_part(%(value)s, ':', 3)"""
_IS_USED = (
    f"SELECT EXISTS (SELECT FROM ledger.person_names WHERE {_OF_PERSON}"
    " AND starts_with(value, %(value)s))"
)
_PLACES = (
    f"SELECT event::text, path FROM ledger.person_names WHERE {_OF_PERSON} AND value = %(value)s"
    " ORDER BY event, path"
)


class NoSuchName(NotFound):
    """Nothing is sealed as {value}."""

    code = "no_such_name"
    cure = "Give <event id>/<path>, as in 0190…/actor.name; lifecycle history shows the event ids."


async def ask_erasure(
    house: House, places: Sequence[str], reason: str, grant: Grant
) -> list[Receipt]:
    """Ask for names to be erased, at most 800 in a request; a second person approves each request.

    Raises NoSuchName.
    """
    async with house.pool.connection() as connection:
        for place in places:
            cursor = await connection.execute(
                "SELECT FROM ledger.person_names WHERE event = %s::uuid AND path = %s",
                _split(place),
            )
            if await cursor.fetchone() is None:
                raise NoSuchName(value=place)
    return [
        await request(
            house,
            "ErasureApproved",
            {"names": list(places[start : start + _MOST])},
            record_id=f"erasure-{places[start]}-{len(places)}",
            reason=reason,
            grant=grant,
        )
        for start in range(0, len(places), _MOST)
    ]


def places_of(connection: Connection[Any], name: str) -> list[str]:
    """Find every place where a person's name is sealed."""
    value = keys_of(connection).locked(name)
    rows = connection.execute(_PLACES, {"value": value}).fetchall()
    return [f"{event}/{'.'.join(path)}" for event, path in rows]


def erase_approved(conninfo: str) -> int:
    """Do what was approved and not done yet; give how many names are gone now.

    Raises UnreadableKeys.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        approved = ledger_events(connection, ["ErasureApproved"])
        return erase(connection, [place for event in approved for place in event.payload["names"]])


def erase(connection: Connection[Any], places: Sequence[str]) -> int:
    """Erase names by their places; give how many there were. Raises UnreadableKeys.

    Appends go on meanwhile, but for two moments: while other keys are drawn for the persons, and
    while those of persons who are named nowhere else are thrown away. Names that were locked under
    them tell nothing from then on; their places are emptied afterwards, or the next time.
    """
    keys = keys_of(connection)
    wanted = _columns(places)
    with _alone(connection):
        values = [value for _, _, value in connection.execute(_FOUND, wanted).fetchall()]
        erased = _erase(connection, keys, wanted, {_person(value) for value in values})
        _retire(connection, keys)
    return erased


def _erase(
    connection: Connection[Any],
    keys: PersonKeys,
    wanted: tuple[list[str], list[str]],
    persons: AbstractSet[str],
) -> int:
    """Erase the names of some persons at the wanted places, and lock their others anew."""
    if not persons:
        return 0
    with _nobody_locking(connection):
        # From here on their names are locked under the new key by everybody.
        keys.renew(persons)
    elsewhere = _lock_anew(connection, keys, persons, wanted)
    with _nobody_locking(connection):
        # No server answers with the names from memory once they are gone.
        connection.execute(_TOLD)
        gone = persons - elsewhere
        rows = connection.execute(_REMAINING, [list(gone), *wanted]).fetchall() if gone else []
        # Should the commit fail, what was approved is gone already.
        keys.destroy(gone - {person for (person,) in rows})
    return sum(_empty(connection, part) for part in _parts(wanted))


def _empty(connection: Connection[Any], places: tuple[list[str], list[str]]) -> int:
    """Empty some names, and tell every server that answers with them are true no more."""
    with connection.transaction():
        connection.execute(_TOLD)
        return connection.execute(_EMPTIED, places).rowcount


def _parts(places: tuple[list[str], list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Divide places, so that no part takes long."""
    owners, paths = places
    for start in range(0, len(owners), _PAGE):
        yield owners[start : start + _PAGE], paths[start : start + _PAGE]


@contextmanager
def _alone(connection: Connection[Any]) -> Iterator[None]:
    """Let nobody else erase meanwhile; who has approved the same finds it done."""
    connection.execute("SELECT pg_advisory_lock(%s)", [ERASER])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [ERASER])


@contextmanager
def _nobody_locking(connection: Connection[Any]) -> Iterator[None]:
    """Let nobody lock a name, here or elsewhere, while a key of it may change or go."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ERASING])
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
        yield


def _lock_anew(
    connection: Connection[Any],
    keys: PersonKeys,
    persons: AbstractSet[str],
    wanted: tuple[list[str], list[str]],
) -> set[str]:
    """Lock the names of persons under their new keys but where they are erased; give whose."""
    erased = set(zip(*wanted, strict=True))
    elsewhere = set()
    with connection.cursor(name="elsewhere", withhold=True) as cursor:
        cursor.itersize = _PAGE
        cursor.execute(_OF_PERSONS, [list(persons)])
        while rows := cursor.fetchmany(_PAGE):
            changes = []
            for event, path, commitment, value, salt in rows:
                opened = keys.open(commitment, value, salt)
                if opened is not None and (event, ".".join(path)) not in erased:
                    name = SealedName(tuple(path), commitment, opened.salt, opened.value)
                    elsewhere.add(_person(value))
                    locked = keys.lock(name)
                    # Who was named meanwhile is locked under the new key already.
                    if locked.value != value:
                        changes.append((*locked, event, path))
            with connection.transaction(), connection.cursor() as writing:
                writing.executemany(_LOCKED_ANEW, changes)
    return elsewhere


def _retire(connection: Connection[Any], keys: PersonKeys) -> None:
    """Throw the keys away that names were locked under before they were locked anew."""

    def is_used(beginning: str) -> bool:
        [(used,)] = connection.execute(_IS_USED, {"value": beginning}).fetchall()
        return bool(used)

    keys.retire(is_used)


def _columns(places: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give places as two columns: owners and paths."""
    parts = [place.partition("/") for place in places]
    return [owner for owner, _, _ in parts], [path for _, _, path in parts]


def _person(value: str) -> str:
    """Give by whose key a name is locked."""
    return value.split(":", 3)[2]


def _split(place: str) -> tuple[str, list[str]]:
    owner, _, path = place.partition("/")
    return owner, path.split(".")
