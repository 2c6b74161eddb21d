"""Write rows in PostgreSQL's binary formats, for COPY and for arrays of a table's row type.

A row is one bytes value a column, None for NULL. The writer packs its rows
itself because the driver's general way takes longer than all the rest.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import NamedTuple

from psycopg.adapt import Dumper
from psycopg.pq import Format

Row = Sequence[bytes | None]

COPY_START = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_INT2 = Struct("!h").pack
_INT4 = Struct("!i").pack
_ARRAY = Struct("!iiIii").pack
_OID = Struct("!I").pack
_TEXT_OID = 25
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

bigint = Struct("!q").pack


def instant(moment: datetime) -> bytes:
    """Write a timestamptz."""
    return bigint((moment - _EPOCH) // _MICROSECOND)


def uuid(text: str) -> bytes:
    """Write a uuid."""
    return bytes.fromhex(text.replace("-", ""))


def optional(text: str | None) -> bytes | None:
    """Write a text that may be missing."""
    return None if text is None else text.encode()


def texts(values: Sequence[str]) -> bytes:
    """Write an array of texts."""
    return _array(_TEXT_OID, [value.encode() for value in values])


def copied(rows: Iterable[Row]) -> bytes:
    """Write rows for COPY, without its start and end."""
    parts: list[bytes] = []
    for row in rows:
        parts.append(_INT2(len(row)))
        for value in row:
            if value is None:
                parts.append(_NULL)
            else:
                parts.append(_INT4(len(value)))
                parts.append(value)
    return b"".join(parts)


class RowType(NamedTuple):
    """The identifiers that the server gave a table's row type and its columns."""

    oid: int
    columns: tuple[int, ...]

    def array(self, rows: Sequence[Row]) -> "Packed":
        """Write rows as an array of this type."""
        return Packed(_array(self.oid, [self._record(row) for row in rows]))

    def _record(self, row: Row) -> bytes:
        parts = [_INT4(len(row))]
        for oid, value in zip(self.columns, row, strict=True):
            parts.append(_OID(oid))
            if value is None:
                parts.append(_NULL)
            else:
                parts.append(_INT4(len(value)))
                parts.append(value)
        return b"".join(parts)


ROW_TYPES = """
SELECT c.relname, c.reltype, array_agg(a.atttypid ORDER BY a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
    AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.relname, c.reltype
"""


def row_types(found: Iterable[tuple[str, int, list[int]]]) -> dict[str, RowType]:
    """Make the row types by table name from what ROW_TYPES selects."""
    return {name: RowType(oid, tuple(columns)) for name, oid, columns in found}


class Packed(bytes):
    """A value that is already in its binary form; the statement says of which type."""


class PackedDumper(Dumper):
    """Hands a packed value to the server as it is."""

    format = Format.BINARY

    def dump(self, obj: Packed) -> bytes:
        """Give the bytes."""
        return obj


def _array(oid: int, values: Sequence[bytes]) -> bytes:
    if not values:
        return _ARRAY(0, 0, oid, 0, 0)[:12]
    parts = [_ARRAY(1, 0, oid, len(values), 1)]
    for value in values:
        parts.append(_INT4(len(value)))
        parts.append(value)
    return b"".join(parts)
