"""Give each record of a register its version, for registers that have none of their own.

A register is filled in again and again. What a row says decides: as before, it is the same version;
otherwise it is the next one, and corrects what was said. A file that is sent again as it was gives
each row the version it had then, also when a later file has said something else since.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import AsyncConnection

from intake.delivery import Delivery
from intake.registers.telling import digest_of

NUMBERING = 7_205_759_403_792_813
"""The advisory lock under which versions are given, so that no two are alike."""

Known = dict[str, list[tuple[int, bytes, str]]]
"""Of each record its versions: number, digest of what it says, and digest of the file."""

_INSERT = (
    "INSERT INTO ledger.register_versions (source_key, version, digest, file)"
    " SELECT * FROM unnest(%s::text[], %s::integer[], %s::bytea[], %s::text[])"
)


async def versioned(
    connection: AsyncConnection[Any], facts: Sequence[Delivery], file: str
) -> list[Delivery]:
    """Give facts their versions and remember them."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (NUMBERING,))
        known = await known_versions(connection, facts)
        before = {key: len(versions) for key, versions in known.items()}
        numbered = [next_version(fact, known, file) for fact in facts]
        new = [
            (key, *version)
            for key, versions in known.items()
            for version in versions[before.get(key, 0) :]
        ]
        if new:
            columns = [list(column) for column in zip(*new, strict=True)]
            await connection.execute(_INSERT, columns)
    return numbered


async def known_versions(connection: AsyncConnection[Any], facts: Sequence[Delivery]) -> Known:
    """Give the versions that the records of some facts have so far."""
    keys = list({fact.source_key for fact in facts if fact.record_version is None})
    known: Known = {}
    if not keys:
        return known
    cursor = await connection.execute(
        "SELECT source_key, version, digest, file FROM ledger.register_versions"
        " WHERE source_key = ANY(%s) ORDER BY source_key, version",
        (keys,),
    )
    for key, version, digest, of_file in await cursor.fetchall():
        known.setdefault(key, []).append((version, bytes(digest), of_file))
    return known


def next_version(fact: Delivery, known: Known, file: str) -> Delivery:
    """Give a fact its version, a new one if what it says is new; `known` learns of it."""
    if fact.record_version is not None:
        return fact
    digest = digest_of(fact)
    versions = known.setdefault(fact.source_key, [])
    if versions and versions[-1][1] == digest:
        return replace(fact, record_version=str(versions[-1][0]))
    for version, said, of_file in versions:
        if said == digest and of_file == file:
            return replace(fact, record_version=str(version))
    version = versions[-1][0] + 1 if versions else 1
    versions.append((version, digest, file))
    return replace(fact, record_version=str(version))
