"""Record which files decide whose tokens are believed and who is asked to witness.

They are read once, when a server starts, so that each start tells what is other than before.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from intake.identifiers import new_identifier
from ledger.reading import head_size, ledger_events
from server.administration import record
from server.house import House
from server.settings import Settings

KIND = "SettingChanged"


def digests(settings: Settings) -> dict[str, str | None]:
    """Give the SHA-256 of each of the files; None where none is named."""
    files: dict[str, Path | None] = {"issuers": settings.issuers, "witnesses": settings.witnesses}
    return {
        name: None if path is None else sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
    }


async def record_settings(house: House, found: dict[str, str | None]) -> int:
    """Record what is other than the ledger says; an empty ledger is still to be opened."""
    async with house.pool.connection() as connection:
        if not await head_size(connection):
            return 0
        told: dict[str, str | None] = dict.fromkeys(found)
        for event in await ledger_events(connection, [KIND]):
            told[event.payload["setting"]] = event.payload.get("sha256")
    changed = [name for name, digest in found.items() if digest != told[name]]
    for name in changed:
        payload: dict[str, Any] = {"setting": name, "sha256": found[name]}
        await record(house, KIND, payload, record_id=f"setting-{name}-{new_identifier()}")
    return len(changed)
