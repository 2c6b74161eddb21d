"""Refuse workbooks whose formulas were never computed, since their cells would count as blank.

Office programs save each formula with its value. Programs that only write workbooks often do not.
Source: ECMA-376 part 1, 18.3.1.4 (c) and 18.3.1.40 (f).
"""

import re
import zipfile
from pathlib import Path
from typing import IO, Final

from intake.registers.safety import UnreadableFile

_PIECE: Final = 2**20
_LONGEST: Final = 2**15
"""Bytes of the longest cell with a formula, which may lie across two pieces."""
# An empty text is a value too, and is marked as a text.
_UNCOMPUTED: Final = re.compile(
    rb'<c (?![^>]*t="str")[^>]*?r="(?P<cell>[A-Z]{1,3}[0-9]{1,7})"[^>]*>'
    rb"<f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>"
)


class NeverComputed(UnreadableFile):
    """The formula in cell {value} was saved without its value."""

    code = "formula_without_value"
    cure = "Open the file in the office program and save it there, or write values instead."


def check_computed(path: Path) -> None:
    """Look at the formulas of a workbook that is known to be safe. Raises NeverComputed."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                with archive.open(part) as sheet:
                    _check_sheet(sheet)


def _check_sheet(sheet: IO[bytes]) -> None:
    """Look at one sheet, piece by piece. Raises NeverComputed."""
    before = b""
    while piece := sheet.read(_PIECE):
        text = before + piece
        if b"<f" in text:
            found = _UNCOMPUTED.search(text)
            if found is not None:
                raise NeverComputed(value=found["cell"].decode())
        before = text[-_LONGEST:]
