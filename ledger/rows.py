"""Write rows in PostgreSQL's binary formats, for COPY and for arrays of a table's row type.

A row is one field a column, each behind its length. The writer packs its rows
itself because the driver's general way takes longer than all the rest.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

Row = Sequence[bytes]

COPY_START = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_INT2 = Struct("!h").pack
_INT4 = Struct("!i").pack
_INT8_FIELD = Struct("!iq").pack
_ARRAY = Struct("!iiI").pack
_DIMENSION = Struct("!ii").pack
_OID = Struct("!I").pack
_TEXT_OID = 25
_UUID_OID = 2950
_UUID_LENGTH = _INT4(16)
_DIGEST_LENGTH = _INT4(32)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def bigint(value: int) -> bytes:
    """Write a bigint."""
    return _INT8_FIELD(8, value)


def instant(moment: datetime) -> bytes:
    """Write a timestamptz."""
    return _INT8_FIELD(8, (moment - _EPOCH) // _MICROSECOND)


def uuid(text: str) -> bytes:
    """Write a uuid."""
    return _UUID_LENGTH + bytes.fromhex(text.replace("-", ""))


def data(value: bytes) -> bytes:
    """Write a bytea."""
    return _INT4(len(value)) + value


def digest(value: bytes) -> bytes:
    """Write a bytea that holds a SHA-256."""
    return _DIGEST_LENGTH + value


def text(value: str) -> bytes:
    """Write a text."""
    written = value.encode()
    return _INT4(len(written)) + written


@lru_cache(maxsize=8_192)
def repeated_text(value: str) -> bytes:
    """Write a text that many rows share."""
    return text(value)


@lru_cache(maxsize=256)
def repeated_texts(values: tuple[str, ...]) -> bytes:
    """Write an array of texts that many rows share as a field."""
    return data(text_array(values))


def uuid_array(values: Iterable[str]) -> "Packed":
    """Write an array of uuids as a value of a statement."""
    return Packed(_array(_UUID_OID, [uuid(value) for value in values]))


def identifier_array(values: Iterable[bytes]) -> "Packed":
    """Write an array of uuids, each given as its 16 bytes, as a value of a statement."""
    return Packed(_array(_UUID_OID, [_UUID_LENGTH + value for value in values]))


def text_array(values: Iterable[str]) -> "Packed":
    """Write an array of texts as a value of a statement."""
    return Packed(_array(_TEXT_OID, [text(value) for value in values]))


def copied(rows: Iterable[Row]) -> bytes:
    """Write rows for COPY, without its start and end."""
    parts: list[bytes] = []
    for row in rows:
        parts.append(_INT2(len(row)))
        parts += row
    return b"".join(parts)


class RowType(NamedTuple):
    """The identifiers that the server gave a table's row type and its columns."""

    oid: int
    columns: tuple[int, ...]

    def array(self, rows: Sequence[Row]) -> "Packed":
        """Write rows as an array of this type."""
        return Packed(_array(self.oid, [self._record(row) for row in rows]))

    def _record(self, row: Row) -> bytes:
        fields = zip(map(_OID, self.columns), row, strict=True)
        return data(_INT4(len(row)) + b"".join([part for field in fields for part in field]))


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


psycopg.adapters.register_dumper(Packed, PackedDumper)


def _array(oid: int, elements: Sequence[bytes]) -> bytes:
    if not elements:
        return _ARRAY(0, 0, oid)
    return b"".join([_ARRAY(1, 0, oid), _DIMENSION(len(elements), 1), *elements])
