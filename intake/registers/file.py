"""Open a register: find its sheet and its header, and read it chunk by chunk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from domain.errors import Malformed, Refused
from intake.registers.cells import Cell
from intake.registers.header import LOOKED_AT, Header, MissingColumns, find
from intake.registers.mapping import Mapping as Register
from intake.registers.rows import RowRead, RowReader
from intake.registers.safety import UnreadableFile
from intake.registers.table import Row, Sheet, opened

ROWS_AT_ONCE: Final = 500
_YEAR: Final = re.compile("(?:19|20)[0-9]{2}")
_MONTH: Final = re.compile("(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A register whose header has been found."""

    path: Path
    sha256: str
    sheet: str
    header: Header
    reader: RowReader
    rows: Iterator[tuple[int, Row]]
    others: list[str] = field(default_factory=list)
    """Once all rows are read: the further sheets that have the columns too, and are not read."""

    def chunks(self) -> Iterator[list[RowRead]]:
        """Give the rows, some at a time. Raises UnsafeFile and UnreadableFile in the middle."""
        while part := list(islice(self.rows, ROWS_AT_ONCE)):
            yield [self.reader.read(index, cells) for index, cells in part]


@contextmanager
def opened_register(
    path: Path, register: Register, given: Mapping[str, Any]
) -> Iterator[RegisterFile]:
    """Open a register with its mapping; what is `given` (year, month) holds for all rows.

    Raises UnsafeFile, UnreadableFile, NoSuchSheet, MissingColumns and Malformed.
    """
    given = {name: _checked(name, value) for name, value in given.items() if value is not None}
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        with opened(path, register.sheet) as sheets:
            sheet, rows, header = _found(sheets, register)
            reader = RowReader(register, header, sheet.merged, {"file": path.name, **given})
            others: list[str] = []
            whole = chain(rows, _passed(sheets, register, others))
            following = islice(enumerate(whole, 0), header.after, None)
            yield RegisterFile(path, digest, sheet.name, header, reader, following, others)
    except OSError as error:
        raise UnreadableFile(what=error.strerror or "it cannot be opened") from error


def _found(sheets: Iterator[Sheet], register: Register) -> tuple[Sheet, Iterator[Row], Header]:
    """Find the first sheet that has the register's header. Raises MissingColumns."""
    problem: MissingColumns | None = None
    for sheet in sheets:
        beginning = list(islice(sheet.rows, LOOKED_AT))
        try:
            header = find(beginning, sheet.merged, register, sheet.name)
        except MissingColumns as error:
            problem = problem or error
        else:
            return sheet, chain(beginning, sheet.rows), header
    raise problem or UnreadableFile(what="it has no rows")


def _passed(sheets: Iterator[Sheet], register: Register, others: list[str]) -> Iterator[Row]:
    """Give no rows, but name the sheets that are left and might have been meant too."""
    for sheet in sheets:
        with suppress(Refused):
            find(list(islice(sheet.rows, LOOKED_AT)), sheet.merged, register, sheet.name)
            others.append(sheet.name)
    yield from ()


def _checked(name: str, value: Any) -> Any:
    """Refuse a year or month that is none. Raises Malformed."""
    text = str(value)
    if name == "year" and not _YEAR.fullmatch(text):
        raise Malformed(code="invalid_value", field="year", value=text, cure="Give it as 2024.")
    if name == "month" and not _MONTH.fullmatch(text):
        raise Malformed(code="invalid_value", field="month", value=text, cure="Give it as 2024-06.")
    return text


def register_of(
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    register: Register,
    given: Mapping[str, Any],
    *,
    name: str,
    sha256: str,
) -> AbstractContextManager[RegisterFile]:
    """Give a register whose rows another program has read: numbers, and cells by their titles.

    Raises MissingColumns and Malformed.
    """
    given = {what: _checked(what, value) for what, value in given.items() if value is not None}
    for number, cells in rows:
        _refuse_nul(number, cells)
    titles = list(dict.fromkeys(title for _, cells in rows for title in cells))
    header = find([titles], (), replace(register, header_rows=1), name)
    reader = RowReader(register, header, (), {"file": name, **given})
    numbered = (
        (number - 1, [_cell(cells.get(title)) for title in titles]) for number, cells in rows
    )
    return nullcontext(RegisterFile(Path(name), sha256, "", header, reader, numbered))


def _refuse_nul(number: int, cells: Mapping[str, Any]) -> None:
    """Refuse what no cell of a workbook holds, and no database keeps. Raises Malformed."""
    for title, cell in cells.items():
        if "\0" in title or "\0" in str(cell):
            shown = title.replace("\0", "\\0")
            cure = f"Leave the NUL character out of row {number}."
            raise Malformed(code="nul_character", field=shown, value=str(number), cure=cure)


def _cell(value: Any) -> Cell:
    """Read a JSON value as a cell."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
