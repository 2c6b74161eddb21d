"""Note who was refused what, without saying whether there was anything behind it.

A denial is no event: whoever knocks a million times shall not make the ledger grow by a million
events. Like ones of a moment are counted together, and kept where rows are only ever added.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from intake.grant import Grant
from intake.item import Item

MOST = 500
"""So many different denials are told apart between two writings; the others are one more."""
_LONGEST = 200
_NEW = (
    "INSERT INTO ledger.denials (denied_at, token, actor, action, code, subject, times)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


class Denial(NamedTuple):
    """Who was refused what, and as which code; `subject` is what they named, as they named it."""

    token: str | None
    actor: str | None
    action: str
    code: str
    subject: str | None = None


Tell = Callable[[Denial], None]


class Denials:
    """Tells of denials at once, and keeps them until they are written down."""

    def __init__(self, tell: Tell | None = None) -> None:
        """Tell nobody, unless said otherwise."""
        self._tell = tell
        self._waiting: Counter[Denial] = Counter()

    def note(self, action: str, code: str, grant: Grant | None, subject: str | None = None) -> None:
        """Note a denial; without a grant nobody knows who it was."""
        self._add(
            Denial(
                None if grant is None else grant.label or None,
                None if grant is None else grant.actor.id,
                action,
                code,
                None if subject is None else _storable(subject),
            )
        )

    def _add(self, denial: Denial) -> None:
        if self._tell is not None:
            self._tell(denial)
        if denial not in self._waiting and len(self._waiting) >= MOST:
            denial = Denial(None, None, "many", "more_denials")
        self._waiting[denial] += 1

    def note_named(self, action: str, code: str, token: str, subject: str | None) -> None:
        """Note a denial of whom only the name of the token is known."""
        said = None if subject is None else _storable(subject)
        self._add(Denial(token or None, None, action, code, said))

    def note_barred(self, item: Item) -> None:
        """Note a delivery that is beyond the limits of its sender."""
        said = item.delivery
        named = said.corrects or said.subject or said.source_key
        self._add(
            Denial(item.token or None, item.actor.id, "append", "beyond_reach", _storable(named))
        )

    def __len__(self) -> int:
        """Give how many different denials wait to be written down."""
        return len(self._waiting)

    async def write(self, connection: AsyncConnection[Any], at: datetime) -> int:
        """Write down what has been noted since the last time, and give how many rows that are."""
        noted, self._waiting = self._waiting, Counter()
        if not noted:
            return 0
        try:
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    _NEW, [(at, *denial, times) for denial, times in noted.items()]
                )
        except BaseException:
            self._waiting += noted
            raise
        return len(noted)


async def listed(connection: AsyncConnection[Any], *, limit: int) -> list[dict[str, Any]]:
    """List denials, the newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT denied_at, token, actor, action, code, subject, times FROM ledger.denials"
            " ORDER BY number DESC LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()


def _storable(text: str) -> str:
    """Give a text that the database can keep, and no longer than it helps."""
    short = text[:_LONGEST].replace("\x00", "\ufffd")
    return short.encode(errors="backslashreplace").decode()
