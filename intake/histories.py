"""Remember histories of projects within bounds: the latest in memory, the others in a file.

The memory they take does not grow with the ledger, and to find one again costs the same however
many there are. The file is nameless and goes with the program; what is in no place is read from
the ledger.
"""

import sqlite3
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Final
from weakref import finalize

import msgspec

from domain.plausibility import History

NEAR: Final = 2_500
"""So many histories are remembered in memory; each takes a few kilobytes there."""
_NAMELESS = ""
_SETTINGS = (
    # Nothing of it outlives the program, so nothing is written twice or waited for.
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    # A history is rarely longer than a quarter of a page, and then lies in it whole.
    "PRAGMA page_size = 16384",
    "PRAGMA cache_size = -16384",
    "CREATE TABLE histories (stream TEXT PRIMARY KEY, history BLOB NOT NULL) WITHOUT ROWID",
)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(History).decode


class Histories:
    """What is remembered of projects, by stream, each until somebody takes it."""

    def __init__(self, near: int = NEAR) -> None:
        """Remember nothing yet; later at most so many in memory."""
        self._most_near = near
        self._near: dict[str, History] = {}
        # Whichever thread finds that nobody needs it any more closes it.
        self._far = sqlite3.connect(_NAMELESS, isolation_level=None, check_same_thread=False)
        finalize(self, self._far.close)
        for setting in _SETTINGS:
            self._far.execute(setting)

    def take(self, streams: Collection[str]) -> dict[str, History]:
        """Give what is remembered of streams, and forget it; who is done with it keeps it anew.

        So nobody finds here what a call that failed has half changed.
        """
        taken = {stream: self._near.pop(stream) for stream in streams if stream in self._near}
        self._far.execute("BEGIN")
        for stream in streams:
            if stream not in taken:
                asked = "SELECT history FROM histories WHERE stream = ?"
                for (history,) in self._far.execute(asked, (stream,)):
                    taken[stream] = _decode(history)
        forget = "DELETE FROM histories WHERE stream = ?"
        self._far.executemany(forget, [(stream,) for stream in streams])
        self._far.execute("COMMIT")
        return taken

    def keep(self, histories: Mapping[str, History]) -> None:
        """Remember histories as the latest, and move those that were used longest ago away."""
        self._near |= histories
        oldest = [*islice(self._near, max(0, len(self._near) - self._most_near))]
        if oldest:
            self._far.execute("BEGIN")
            self._far.executemany(
                "REPLACE INTO histories VALUES (?, ?)",
                [(stream, _encode(self._near.pop(stream))) for stream in oldest],
            )
            self._far.execute("COMMIT")
