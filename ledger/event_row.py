"""Write the rows of events, which are most of what a writer sends.

For COPY whole rows are written in one go, since field by field takes several times longer; for the
call that appends a few events each field stands by itself, because there its type comes between.
"""

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct

import msgspec

from domain.draft import Draft
from ledger import rows
from ledger.rows import Row

_COLUMNS = 13
_FRONT = Struct("!hiqi16s").pack
_VERSION = Struct("!iq").pack
_LENGTH = Struct("!i").pack
_DIGEST = Struct("!i32s").pack
_LEAF = Struct("!i32si").pack


class EventRow(msgspec.Struct, gc=False):
    """An event with its place, as the writer made it.

    Of a revision `stored` is the correction, and `draft` the content as it was delivered, which is
    what a repetition will be compared with. `instant` is the field of the recorded time.
    """

    position: int
    draft: Draft
    stored: Draft
    version: int
    instant: bytes
    leaf: bytes
    data: bytes


def copied(events: Iterable[EventRow]) -> bytes:
    """Write the rows of events for COPY, without its start and end."""
    parts: list[bytes] = []
    for event in events:
        draft, stored, corrects = event.draft, event.stored, event.stored.corrects
        key = draft.source_key.encode()
        identifier = bytes.fromhex(stored.id.replace("-", ""))
        parts += (
            _FRONT(_COLUMNS, 8, event.position, 16, identifier),
            rows.repeated_text(stored.stream),
            _VERSION(8, event.version),
            rows.repeated_text(stored.kind),
            event.instant,
            _LENGTH(len(key)),
            key,
            _repeated(draft.record_version),
            _repeated(draft.version_key),
            _DIGEST(32, draft.content_digest),
            rows.NULL if corrects is None else rows.uuid(corrects),
            _LEAF(32, event.leaf, len(event.data)),
            event.data,
        )
    return b"".join(parts)


def fields(event: EventRow) -> Row:
    """Write the row of an event field by field."""
    draft, stored, corrects = event.draft, event.stored, event.stored.corrects
    return (
        rows.bigint(event.position),
        rows.uuid(stored.id),
        rows.repeated_text(stored.stream),
        rows.bigint(event.version),
        rows.repeated_text(stored.kind),
        event.instant,
        rows.text(draft.source_key),
        _repeated(draft.record_version),
        _repeated(draft.version_key),
        rows.digest(draft.content_digest),
        rows.NULL if corrects is None else rows.uuid(corrects),
        rows.digest(event.leaf),
        rows.data(event.data),
    )


@lru_cache(maxsize=8_192)
def _repeated(text: str | None) -> bytes:
    """Write a version, which many events share, or that there is none."""
    return rows.NULL if text is None else rows.text(text)
