"""Give the faulty rows of a register back as a workbook, ready to be corrected and sent again."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from intake.registers.cells import LONGEST_CELL, Cell, written
from intake.registers.faults import Fault
from intake.registers.header import Header
from intake.registers.table import Row

ROW: Final = "原行号"
EXPLANATION: Final = "问题说明"
MOST_ROWS: Final = 20_000
"""Rows given back; a register with more faults than that is sent with the wrong mapping."""
_SHEET = "问题数据"
_LONGEST_SHEET = 31
_NOT_IN_SHEET = re.compile(r"[\[\]:*?/\\]|^'|'$")
_LONGEST_COMMENT = 1_000
_WIDTH = 16
_WIDE = 60


class FaultyRows:
    """A workbook with the register's own header, the faulty rows, and each fault in its cell."""

    def __init__(self, path: Path, header: Header, sheet: str | None = None) -> None:
        """Begin a workbook at a path, with the sheet that the mapping asks for."""
        # Texts stay texts: none becomes a formula, an address or a number.
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        )
        self._sheet = self._book.add_worksheet(_sheet_name(sheet))
        self._sheet.set_comments_author("Lifecycle Ledger")
        self._title = self._book.add_format({"bold": True, "text_wrap": True, "border": 1})
        self._faulty = self._book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
        self._dates = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._faulty_dates = self._book.add_format(
            {"num_format": "yyyy-mm-dd", "bg_color": "#FFC7CE", "font_color": "#9C0006"}
        )
        self._numbered = numbered_in(header)
        width = max((len(row) for row in (*header.rows, *header.above)), default=0)
        self._width = width if self._numbered is None else self._numbered
        self._at = 0
        self.count = 0
        self._write_header(header)

    def _write_header(self, header: Header) -> None:
        """Write what stands above the rows, so that the same mapping reads this file."""
        for row in header.above:
            self._write(row, None)
        first = self._at
        for row, line in zip(header.rows, header.lines, strict=True):
            # Cells are not merged here, so a group's title, and the unit in it, is said of each.
            self._write(_filled(row, line, header.labels), self._title)
        for place, title in enumerate((ROW, EXPLANATION)):
            self._sheet.write_string(first, self._width + place, title, self._title)
        self._sheet.set_column(0, self._width, _WIDTH)
        self._sheet.set_column(self._width + 1, self._width + 1, _WIDE)
        self._sheet.freeze_panes(self._at, 0)

    def add(self, row_no: int, cells: Row, faults: Sequence[Fault]) -> None:
        """Add a row with its faults."""
        if self.count >= MOST_ROWS:
            return
        self.count += 1
        at = self._at
        # What stands beyond the header's last column has no title, and follows the explanation.
        beyond = cells[self._width + (0 if self._numbered is None else 2) :]
        self._write([*_padded(cells, self._width), None, None, *beyond], None)
        for place, said in _by_place(faults, self._width):
            cell = cells[place] if place < len(cells) else None
            self._write_cell(at, place, cell, self._faulty_format(cell))
            self._sheet.write_comment(at, place, said[:_LONGEST_COMMENT], {"x_scale": 2})
        self._sheet.write_number(at, self._width, number_of(row_no, cells, self._numbered))
        explained = "; ".join(f"{fault.title or fault.code}: {fault.cure}" for fault in faults)
        self._sheet.write_string(at, self._width + 1, explained[:LONGEST_CELL])

    def close(self) -> None:
        """Finish the workbook."""
        self._book.close()

    def _faulty_format(self, cell: Cell) -> Any:
        """Colour a faulty cell; a date stays one."""
        return self._faulty_dates if isinstance(cell, date | datetime) else self._faulty

    def _write(self, cells: Iterable[Cell], style: Any) -> None:
        """Write one row."""
        for place, cell in enumerate(cells):
            self._write_cell(self._at, place, cell, style)
        self._at += 1

    def _write_cell(self, row: int, place: int, cell: Cell, style: Any) -> None:
        """Write one cell as what it is."""
        if cell is None or cell == "":
            self._sheet.write_blank(row, place, None, style)
        elif isinstance(cell, str):
            self._sheet.write_string(row, place, cell[:LONGEST_CELL], style)
        elif isinstance(cell, bool):
            self._sheet.write_boolean(row, place, cell, style)
        elif isinstance(cell, int | float):
            self._sheet.write_number(row, place, cell, style)
        elif isinstance(cell, date | datetime | time):
            self._sheet.write_datetime(row, place, cell, style or self._dates)
        else:
            self._sheet.write_string(row, place, str(cell), style)


def numbered_in(header: Header) -> int | None:
    """Give the column of the rows' numbers in a workbook of faulty rows; None in a register."""
    for place, pair in enumerate(pairwise(header.labels)):
        if pair == (ROW, EXPLANATION):
            return place
    return None


def number_of(row_no: int, cells: Row, numbered: int | None) -> int:
    """Give the number of a row in its register, wherever it stands in a workbook of faulty rows."""
    said = cells[numbered] if numbered is not None and numbered < len(cells) else None
    return int(said) if isinstance(said, int | float) and said > 0 else row_no


def _padded(cells: Row, width: int) -> list[Cell]:
    """Give so many cells of a row."""
    return [*cells[:width], *[None] * (width - len(cells))]


def _sheet_name(wanted: str | None) -> str:
    """Name the sheet as the mapping does, if a workbook of this form can have such a name."""
    if wanted and len(wanted) <= _LONGEST_SHEET and not _NOT_IN_SHEET.search(wanted):
        return wanted
    return _SHEET


def _filled(row: Row, line: Sequence[str], labels: Sequence[str]) -> list[Cell]:
    """Give a line of the header as it stands there, and a group's title over all its columns."""
    cells = _padded(row, len(line))
    for place, said in enumerate(line):
        # Where merged cells have no titles of their own below them, only the first is a column.
        if not written(cells[place]) and labels[place] not in labels[:place]:
            cells[place] = said
    return cells


def _by_place(faults: Sequence[Fault], width: int) -> list[tuple[int, str]]:
    """Gather the faults of each cell; those of no cell belong to the explanation beside the row."""
    said: dict[int, list[str]] = {}
    for fault in faults:
        place = width + 1 if fault.place is None else fault.place
        said.setdefault(place, []).append(f"{fault.code}: {fault.cure}")
    return [(place, "\n".join(texts)) for place, texts in said.items() if place <= width]
