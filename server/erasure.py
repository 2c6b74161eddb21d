"""Erase names of persons: two people decide, then the names are gone and every proof holds.

The database's owner erases, since the application may only insert and select;
the guards let through nothing else. What was decided and not done yet, after a
crash, is done the next time.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import Connection

from domain.errors import NotFound
from domain.receipt import Receipt
from intake.grant import Grant
from ledger.reading import ledger_events
from ledger.subject_keys import SubjectKeys
from server.administration import request
from server.house import House

_MOST = 800
"""So many names fit into one event."""


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
        [name],
    ).fetchall()
    return [f"{event}/{'.'.join(path)}" for event, path in rows]


def erase_approved(conninfo: str, keys: SubjectKeys) -> int:
    """Do what was approved and not done yet; give how many names are gone now."""
    erased = 0
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for event in ledger_events(connection, ["ErasureApproved"]):
            for place in event.payload["names"]:
                erased += _erase(connection, place, keys)
    return erased


def _erase(connection: Connection[Any], place: str, keys: SubjectKeys) -> int:
    """Erase one name, and the key of the person once nothing of them is left."""
    owner, path = _split(place)
    found = connection.execute(
        "SELECT value FROM ledger.person_names WHERE event = %s::uuid AND path = %s"
        " AND value IS NOT NULL",
        [owner, path],
    ).fetchone()
    if found is None:
        return 0
    with connection.transaction():
        connection.execute(
            "UPDATE ledger.person_names SET value = NULL, salt = NULL"
            " WHERE event = %s::uuid AND path = %s",
            [owner, path],
        )
        # No server answers with the name from memory once it is gone.
        connection.execute("INSERT INTO ledger.erasures DEFAULT VALUES")
    [(remains,)] = connection.execute(
        "SELECT EXISTS (SELECT FROM ledger.person_names WHERE value = %s)", found
    ).fetchall()
    if not remains:
        keys.destroy(found[0])
    return 1


def _split(place: str) -> tuple[str, list[str]]:
    owner, _, path = place.partition("/")
    return owner, path.split(".")
