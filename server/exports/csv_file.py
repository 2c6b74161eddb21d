"""Write a table as CSV.

Source: RFC 4180 (comma, CRLF, quotes doubled), in UTF-8.
"""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from api.column import Column

from server.exports.about import About
from server.exports.cells import as_text, is_risky

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class CsvFile:
    """Writes rows as they come; nothing stays in memory.

    With `bom` Excel takes the file for UTF-8. With `guarded` a text that a spreadsheet could take
    for a formula begins with an apostrophe; programs should ask without.
    """

    media_type = "text/csv; charset=utf-8; header=present"
    ending = "csv"

    def __init__(self, *, bom: bool = False, guarded: bool = False) -> None:
        """Start with nothing written."""
        self._bom = bom
        self._guarded = guarded
        self._columns: Sequence[Column] = ()

    def begin(self, columns: Sequence[Column], about: About) -> bytes:
        """Give the header line."""
        del about
        self._columns = columns
        header = self._written([[column.name for column in columns]])
        return (BOM.encode() if self._bom else b"") + header

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give the lines of rows."""
        return self._written([self._row(row) for row in rows])

    def end(self) -> bytes:
        """Give what comes last: nothing."""
        return b""

    def _row(self, row: Sequence[Any]) -> list[str]:
        return [
            "" if value is None else self._cell(column.kind, value)
            for column, value in zip(self._columns, row, strict=True)
        ]

    def _cell(self, kind: str, value: Any) -> str:
        text = as_text(kind, value)
        return f"'{text}" if self._guarded and is_risky(kind, text) else text

    @staticmethod
    def _written(rows: Sequence[Sequence[str]]) -> bytes:
        text = StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode()
