"""Find the cells of old workbooks (xls) whose formula failed; their reader gives them as blank.

Source: [MS-XLS] 2.4.24 (BoolErr), 2.5.133 (FormulaValue).
"""

import os
from collections.abc import Iterable
from pathlib import Path

import xlrd

from intake.registers.formulas import Errors
from intake.registers.safety import is_old_workbook


def errors_in_old(path: Path, names: Iterable[str]) -> dict[str, Errors]:
    """Give what the failed cells of sheets say; none for a workbook of another format.

    Raises what damage makes of the second reader, which the first one may have passed over.
    """
    if not is_old_workbook(path):
        return {}
    errors: dict[str, Errors] = {}
    # What it finds odd about a file it would print.
    with (
        Path(os.devnull).open("w") as nowhere,
        xlrd.open_workbook(path, logfile=nowhere, on_demand=True, ragged_rows=True) as book,
    ):
        for name in set(names).intersection(book.sheet_names()):
            errors[name] = _failed(book.sheet_by_name(name))
            book.unload_sheet(name)
    return errors


def _failed(sheet: xlrd.sheet.Sheet) -> Errors:
    """Give what the failed cells of a sheet say, by row and column."""
    errors: Errors = {}
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_ERROR:
                said = xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#ERROR")
                errors.setdefault(row, {})[column] = said
    return errors
