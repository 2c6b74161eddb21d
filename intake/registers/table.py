"""Give the rows of a register, from a workbook or a text file, without holding all of them."""

import codecs
import csv
import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TextIO

from intake.registers.cells import LONGEST_CELL, Cell
from intake.registers.formulas import Errors, errors_in
from intake.registers.reading_process import read
from intake.registers.safety import UnreadableFile, UnsafeFile, check, is_workbook

Row = Sequence[Cell]
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]
"""Merged cells, each from its first to its last place, as (row, column) from 0."""

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 1_000
_ENCODINGS = ("utf-8", "gb18030")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = "\t;|，,"
_QUOTATION = '"'
_PIECE = 2**20
_AHEAD = 2**20
_SAMPLE = 4096
_FRESH = get_context("spawn")
"""Starts processes that share nothing with this one, so that threads here do no harm there."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its merged cells, and its rows from the first one on."""

    name: str
    merged: Merged
    rows: Iterator[Row]


class NoSuchSheet(UnreadableFile):
    """There is no sheet {value}; there are {names}."""

    code = "no_such_sheet"
    cure = "Name one of these sheets in the mapping, or leave it out."


class OpenQuotation(UnreadableFile):
    """A quotation mark that begins a cell of row {value} is never closed."""

    code = "open_quotation"
    cure = "Close it behind the cell; write it twice where it is part of the text."


class NoText(UnreadableFile):
    """The file cannot be read: {what}."""

    cure = "Save it in the office program as a workbook (xlsx) or as CSV in UTF-8, and send that."


class NulCharacter(NoText):
    """The file cannot be read: row {value} holds a NUL character, which no text has."""


@contextmanager
def opened(path: Path, sheet: str | None = None) -> Iterator[Iterator[Sheet]]:
    """Give the sheets of a file, to be read one after the other.

    Raises UnsafeFile, UnreadableFile and NoSuchSheet.
    """
    check(path)
    if not is_workbook(path):
        yield iter([Sheet(path.name, (), _text_rows(path))])
        return
    errors = errors_in(path)
    with _reading(path, sheet or "") as messages:
        yield _sheets(messages, sheet, errors)


@contextmanager
def _reading(path: Path, sheet: str) -> Iterator["Connection[Any, Any]"]:
    """Start the reader of a workbook, and end it when nobody needs more."""
    ours, theirs = _FRESH.Pipe(duplex=False)
    reader = _FRESH.Process(target=read, args=(str(path.absolute()), sheet, theirs), daemon=True)
    with ours:
        # So much the reader may be ahead, so that the two work at the same time.
        with suppress(OSError):
            fcntl.fcntl(theirs.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)
        reader.start()
        theirs.close()
        try:
            yield ours
        finally:
            reader.kill()
            reader.join()


def _sheets(
    messages: "Connection[Any, Any]", wanted: str | None, errors: Mapping[str, Errors]
) -> Iterator[Sheet]:
    """Give sheet after sheet; a sheet that nobody reads to its end is passed over."""
    what, message = _next(messages)
    if what == "sheets" and wanted and wanted not in message:
        raise NoSuchSheet(value=wanted, names=", ".join(map(str, message)))
    while what != "end":
        if what == "sheet":
            rows, (name, merged, failed) = _Rows(messages), message
            yield Sheet(name, merged, _failed(iter(rows), errors.get(name, failed)))
            what, message = rows.rest()
        else:
            what, message = _next(messages)


def _failed(rows: Iterator[Row], errors: Errors) -> Iterator[Row]:
    """Give rows with what their failed cells say, which the reader gives as blank."""
    for at, row in enumerate(rows):
        said = errors.get(at)
        yield [said.get(place, cell) for place, cell in enumerate(row)] if said else row


class _Rows:
    """The rows of one sheet, as they are read."""

    def __init__(self, messages: "Connection[Any, Any]") -> None:
        self._messages = messages
        self._last: tuple[str, Any] | None = None

    def __iter__(self) -> Iterator[Row]:
        """Give the rows. Raises UnsafeFile if they are more than any register has."""
        count = 0
        while self._last is None:
            what, message = _next(self._messages)
            if what != "rows":
                self._last = (what, message)
                return
            count += len(message)
            if count > MOST_ROWS or len(message[0]) > MOST_COLUMNS:
                raise UnsafeFile(
                    what=f"it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns"
                )
            yield from message

    def rest(self) -> tuple[str, Any]:
        """Give the first message after the rows."""
        for _ in iter(self):
            pass
        assert self._last is not None
        return self._last


def _next(messages: "Connection[Any, Any]") -> tuple[str, Any]:
    """Wait for the next message. Raises UnreadableFile when the reader failed or is gone."""
    try:
        what, message = messages.recv()
    except (EOFError, OSError) as error:
        raise UnreadableFile(what="its reader failed or took more than a register may") from error
    if what == "failed":
        raise UnreadableFile(what=message)
    return what, message


def _text_rows(path: Path) -> Iterator[Row]:
    """Read the rows of a text file, in whatever encoding and with whatever delimiter it has."""
    encoding = _encoding(path)
    csv.field_size_limit(LONGEST_CELL * 4)
    with path.open(encoding=encoding, newline="") as file:
        try:
            sample = file.read(_SAMPLE)
            file.seek(0)
            if sample.lstrip().startswith("<"):
                raise NoText(what="it is a web page or XML, whatever its name says")
            for count, row in enumerate(_parted(file, _delimiter(sample))):
                if count >= MOST_ROWS or len(row) > MOST_COLUMNS:
                    what = f"it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns"
                    raise UnsafeFile(what=what)
                yield row
        except UnicodeError as error:
            raise NoText(what="it is not the text that its first bytes say") from error
        except csv.Error as error:
            what = f"one of its cells is too long, or its quotation mark is never closed: {error}"
            raise UnsafeFile(what=what) from error


def _parted(file: TextIO, delimiter: str) -> Iterator[Row]:
    """Part rows into cells. Raises OpenQuotation where a cell would take in all that follows."""
    lines: list[str] = []
    row = 0

    def remembered() -> Iterator[str]:
        for line in file:
            if "\0" in line:
                raise NulCharacter(value=row + 1)
            lines.append(line)
            yield line

    for row, cells in enumerate(csv.reader(remembered(), delimiter=delimiter), 1):
        if sum(line.count(_QUOTATION) for line in lines) % 2 and _is_open(lines, delimiter):
            raise OpenQuotation(value=row)
        lines.clear()
        yield cells


def _is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Tell whether lines end within a cell, by one who reads them strictly."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _delimiter(sample: str) -> str:
    """Find what parts the cells: the mark that the first lines have most of."""
    counts = {mark: sample.count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > counts[","] else ","


def _encoding(path: Path) -> str:
    """Find the encoding of a text file: by its mark, else the first that reads all of it."""
    with path.open("rb") as file:
        start = file.read(len(codecs.BOM_UTF8))
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    for encoding in _ENCODINGS:
        if _reads(path, encoding):
            return encoding
    raise NoText(what="it is neither a workbook nor a text in UTF-8 or GB18030")


def _reads(path: Path, encoding: str) -> bool:
    """Tell whether a whole file is text of an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
