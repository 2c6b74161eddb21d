"""Say of an export what it holds: of which ledger, as known when, as judged on which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import AsyncConnection

from domain.flexdate import BEIJING
from server.version import VERSION

SCHEMA_VERSION = 1
"""The version of how exports are laid out; columns may be added within one."""


@dataclass(frozen=True, slots=True)
class About:
    """What stands beside the rows of an export.

    `known` is the last position taken into account and `known_at` when it was recorded, None in an
    empty ledger; `on` is the judged day, None where nothing is judged.
    """

    title: str
    known: int
    known_at: datetime | None
    on: date | None
    language: str
    origin: str = ""

    def metadata(self) -> dict[str, str]:
        """Give it as texts by name, as files carry it."""
        told = {
            "ledger.title": self.title,
            "ledger.origin": self.origin,
            "ledger.known_position": str(self.known),
            "ledger.known_at": "" if self.known_at is None else beijing(self.known_at),
            "ledger.on": "" if self.on is None else self.on.isoformat(),
            "ledger.schema_version": str(SCHEMA_VERSION),
            "ledger.program": f"lifecycle-ledger {VERSION}",
        }
        return {name: text for name, text in told.items() if text}

    def line(self) -> str:
        """Say it in one line for people."""
        words = _WORDS[self.language if self.language in _WORDS else "en"]
        parts = [] if self.on is None else [words["on"].format(self.on.isoformat())]
        parts.append(words["known"].format(self.known))
        if self.known_at is not None:
            parts.append(words["at"].format(shown(self.known_at)))
        if self.origin:
            parts.append(words["origin"].format(self.origin))
        return words["between"].join(parts)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "on": "截至 {}（判定日）",
        "known": "已知至第 {} 条记录",
        "at": "记录时间 {}（北京时间）",
        "origin": "账本 {}",
        "between": "；",
    },
    "en": {
        "on": "Judged on {}",
        "known": "known up to position {}",
        "at": "recorded {} Beijing time",
        "origin": "ledger {}",
        "between": "; ",
    },
}


def beijing(moment: datetime) -> str:
    """Write a moment in Beijing time with its offset."""
    return moment.astimezone(BEIJING).isoformat()


def shown(moment: datetime) -> str:
    """Write a moment in Beijing time for people."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


async def recorded_at(connection: AsyncConnection[object], position: int) -> datetime | None:
    """Tell when a position was recorded; None before the first."""
    cursor = await connection.execute(
        "SELECT recorded_at FROM ledger.events WHERE position = %s", (position,)
    )
    row = await cursor.fetchone()
    assert row is None or isinstance(row, tuple)
    return None if row is None else row[0]
