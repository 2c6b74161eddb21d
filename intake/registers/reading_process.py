"""Read a workbook in a process of its own, with bounded memory and time.

What a workbook holds decides how much its reader needs; a crafted one would take the whole machine.
Here it takes no more than its bounds, and whoever asked goes on.
"""

import resource
from collections.abc import Iterator, Sequence
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from intake.registers.formulas import Errors
from intake.registers.old_workbooks import errors_in_old
from intake.registers.open_documents import errors_in_open

LARGEST_MEMORY = 3 * 2**30
LONGEST_SECONDS = 300
ROWS_AT_ONCE = 500
MOST_SHEETS = 200


def read(path: str, sheet: str, out: "Connection[Any, Any]") -> None:
    """Send the names of all sheets of a workbook, and of one or each shown its cells and rows."""
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_SECONDS, LONGEST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            names = [sheet] if sheet in workbook.sheet_names else _shown(workbook)
            out.send(("sheets", workbook.sheet_names))
            errors = _errors(path, names)
            for name in names:
                found = workbook.get_sheet_by_name(name)
                merged = found.merged_cell_ranges or []
                out.send(("sheet", (name, merged, errors.get(name, {}))))
                rows = _rows(found)
                while part := list(islice(rows, ROWS_AT_ONCE)):
                    out.send(("rows", part))
    except PasswordError:
        out.send(("failed", "it is protected by a password"))
    except (CalamineError, OSError, ValueError) as error:
        out.send(("failed", str(error)[:200]))
    except MemoryError:
        out.send(("failed", "it needs more memory than a register may"))
    out.send(("end", None))


def _errors(path: str, names: Sequence[str]) -> dict[str, Errors]:
    """Give what failed cells say where only a second reader sees them."""
    try:
        return errors_in_old(Path(path), names) or errors_in_open(Path(path))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the first reader has read
        return {}


def _shown(workbook: CalamineWorkbook) -> list[str]:
    """Name the sheets that people see; what is hidden is read only if a mapping names it."""
    found = workbook.sheets_metadata[:MOST_SHEETS]
    return [sheet.name for sheet in found if sheet.visible is SheetVisibleEnum.Visible]


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Give the rows from the first one of the sheet on, empty ones included."""
    margin: list[Any] = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield margin + row
