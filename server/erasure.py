"""Erase names of persons: two people decide, then the names are gone and every proof holds.

A name is emptied in the database and the key of its person thrown away, so that it is gone from
old rows, logs, standby servers and backups too. Where the person remains named elsewhere, those
names are locked anew under another key first.

The database's owner erases, since the application may only insert and select;
the guards let through nothing else. What was decided and not done yet, after a
crash, is done the next time.
"""

from collections.abc import Iterable, Sequence
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
SELECT DISTINCT split_part(value, ':', 3) FROM ledger.person_names
WHERE split_part(value, ':', 3) = ANY (%s)
"""
_OF_PERSONS = """
SELECT event::text, path, commitment, value, salt FROM ledger.person_names
WHERE split_part(value, ':', 3) = ANY (%s)
"""
_LOCKED_ANEW = """
UPDATE ledger.person_names SET value = %s, salt = %s WHERE event = %s::uuid AND path = %s
"""
_IS_USED = "SELECT EXISTS (SELECT FROM ledger.person_names WHERE starts_with(value, %s))"


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
    rows = connection.execute(
        "SELECT event::text, path FROM ledger.person_names WHERE value = %s ORDER BY event, path",
        [keys_of(connection).locked(name)],
    ).fetchall()
    return [f"{event}/{'.'.join(path)}" for event, path in rows]


def erase_approved(conninfo: str) -> int:
    """Do what was approved and not done yet; give how many names are gone now.

    Raises UnreadableKeys.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        approved = ledger_events(connection, ["ErasureApproved"])
        return erase(connection, [place for event in approved for place in event.payload["names"]])


def erase(connection: Connection[Any], places: Sequence[str]) -> int:
    """Erase names by their places; give how many there were. Raises UnreadableKeys."""
    keys = keys_of(connection)
    wanted = _columns(places)
    if connection.execute(f"{_FOUND} LIMIT 1", wanted).fetchone() is None:
        _retire(connection, keys)
        return 0
    with connection.transaction():
        # Nobody locks a name, here or elsewhere, while a key of it may go.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ERASING])
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
        values = [value for _, _, value in connection.execute(_FOUND, wanted).fetchall()]
        connection.execute(_EMPTIED, wanted)
        # No server answers with the name from memory once it is gone.
        connection.execute("INSERT INTO ledger.erasures DEFAULT VALUES")
        persons = {_person(value) for value in values}
        rows = connection.execute(_REMAINING, [list(persons)]).fetchall()
        remaining = {person for (person,) in rows}
        if remaining:
            _lock_anew(connection, keys, remaining)
        # Should the commit fail, what was approved is gone already, and emptied the next time.
        keys.destroy(persons - remaining)
    _retire(connection, keys)
    return len(values)


def _lock_anew(connection: Connection[Any], keys: PersonKeys, persons: Iterable[str]) -> None:
    """Lock the names of persons under other keys; the old ones are thrown away once this is so."""
    keys.renew(persons)
    with connection.cursor(name="remaining") as cursor:
        cursor.itersize = _PAGE
        cursor.execute(_OF_PERSONS, [list(persons)])
        while rows := cursor.fetchmany(_PAGE):
            changes = []
            for event, path, commitment, value, salt in rows:
                opened = keys.open(commitment, value, salt)
                if opened is not None:
                    name = SealedName(tuple(path), commitment, opened.salt, opened.value)
                    changes.append((*keys.lock(name), event, path))
            with connection.cursor() as writing:
                writing.executemany(_LOCKED_ANEW, changes)


def _retire(connection: Connection[Any], keys: PersonKeys) -> None:
    """Throw the keys away that names were locked under before they were locked anew."""

    def is_used(beginning: str) -> bool:
        [(used,)] = connection.execute(_IS_USED, [beginning]).fetchall()
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
