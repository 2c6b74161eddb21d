"""Write a table as Apache Parquet, with the types of its columns and what the table is about."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from api.column import Column

from domain.errors import Refused
from server.exports.about import About
from server.exports.cells import as_date, as_decimal, as_moment

ROWS_A_GROUP: Final = 20_000
"""So many rows are held before they are written, however many there are."""
DECIMAL: Final = pa.decimal128(38, 12)
_TYPES: Final[Mapping[str, pa.DataType]] = {
    "text": pa.string(),
    "json": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "decimal": DECIMAL,
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "decimal": as_decimal,
    "date": as_date,
    "datetime": as_moment,
}


class TooExact(Refused):
    """A number of the column has more digits than a Parquet decimal of ours can hold: {reason}."""

    code = "too_exact"
    cure = "Export this table as CSV, where numbers are texts of any length."


class ParquetFile:
    """Writes rows in groups; only one group is held at a time."""

    media_type = "application/vnd.apache.parquet"
    ending = "parquet"

    def __init__(self) -> None:
        """Start with nothing written."""
        self._sink = _Sink()
        self._waiting: list[Sequence[Any]] = []
        self._columns: Sequence[Column] = ()
        self._writer: pq.ParquetWriter | None = None

    def begin(self, columns: Sequence[Column], about: About) -> bytes:
        """Give the first bytes of the file."""
        self._columns = columns
        fields = [
            pa.field(each.name, _TYPES[each.kind], metadata=_logical(each.kind)) for each in columns
        ]
        schema = pa.schema(fields, metadata=about.metadata())
        sink = pa.PythonFile(self._sink, mode="w")
        self._writer = pq.ParquetWriter(sink, schema, compression="zstd")
        return self._sink.taken()

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give the groups that have become full. Raises TooExact."""
        self._waiting.extend(rows)
        while len(self._waiting) >= ROWS_A_GROUP:
            self._write(self._waiting[:ROWS_A_GROUP])
            del self._waiting[:ROWS_A_GROUP]
        return self._sink.taken()

    def end(self) -> bytes:
        """Give the last group and the footer. Raises TooExact."""
        if self._waiting:
            self._write(self._waiting)
        assert self._writer is not None
        self._writer.close()
        return self._sink.taken()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write one group."""
        assert self._writer is not None
        schema = self._writer.schema
        arrays = [
            self._array(schema.field(place), column, [row[place] for row in rows])
            for place, column in enumerate(self._columns)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

    @staticmethod
    def _array(field: pa.Field, column: Column, cells: list[Any]) -> pa.Array:
        read = _READ.get(column.kind)
        if read is not None:
            cells = [None if cell is None else read(cell) for cell in cells]
        try:
            return pa.array(cells, type=field.type)
        except pa.ArrowInvalid as error:
            raise TooExact(field=column.name, reason=str(error)) from error


def _logical(kind: str) -> dict[str, str]:
    """Tell JSON from other texts."""
    return {"ledger.kind": kind}


class _Sink:
    """Holds what was written until it is taken away, so that the file may be sent as it grows."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def tell(self) -> int:
        return self._length

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """What was written is still to be taken."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
