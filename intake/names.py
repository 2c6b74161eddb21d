"""Keep names of persons that stand in no event, locked as those that do."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from domain.person_name import SealedName
from ledger.key_place import keys_of
from ledger.person_names import PUT_NAME, SHARE_ERASING


async def keep_names(
    connection: AsyncConnection[Any], owner: str, names: Sequence[SealedName]
) -> None:
    """Keep names within a transaction, where they can be erased. Raises UnreadableKeys."""
    if not names:
        return
    # Until this is stored, nobody throws the keys away that are used here.
    await connection.execute(SHARE_ERASING)
    keys = keys_of(connection)
    keys.prepare(name.value for name in names)
    for name in names:
        locked = keys.lock(name)
        await connection.execute(
            PUT_NAME, (owner, list(name.path), name.commitment, locked.salt, locked.value)
        )
