"""Find the cells of OpenDocument sheets (ods) whose formula failed; their reader gives them blank.

Source: OpenDocument 1.3 part 3, 9.1.2 to 9.1.5 and 19.675 to 19.678. Office programs mark what
failed in a namespace of their own; its text is what they show.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree as ET

from intake.registers.formulas import Errors

_CONTENT: Final = "content.xml"
_PIECE: Final = 2**20
_MARK: Final = b'="error"'
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ROW: Final = f"{_TABLE}table-row"
_CELLS: Final = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_PARAGRAPH: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_TYPE: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def errors_in_open(path: Path) -> dict[str, Errors]:
    """Give, by sheet, what its failed cells say; none for a workbook of another format.

    Raises what a damaged document makes of its parser.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        if _CONTENT not in archive.namelist():
            return {}
        with archive.open(_CONTENT) as content:
            if not _is_marked(content):
                return {}
        with archive.open(_CONTENT) as content:
            return dict(_sheets(content))


def _is_marked(content: IO[bytes]) -> bool:
    """Tell whether anything may have failed, since few documents need to be parsed for it."""
    before = b""
    while piece := content.read(_PIECE):
        if _MARK in before + piece:
            return True
        before = piece[-len(_MARK) :]
    return False


def _sheets(content: IO[bytes]) -> Iterator[tuple[str, Errors]]:
    """Give the name of each sheet and its failed cells, holding one row at a time."""
    name, row, errors = "", 0, Errors()
    # Documents that declare entities have been refused, see `safety`.
    for event, element in ET.iterparse(content, ("start", "end")):  # noqa: S314
        if element.tag == f"{_TABLE}table":
            if event == "start":
                name, row, errors = element.get(f"{_TABLE}name", ""), 0, {}
            else:
                yield name, errors
                element.clear()
        elif element.tag == _ROW and event == "end":
            if failed := _failed(element):
                errors[row] = failed
            row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            element.clear()


def _failed(row: ET.Element) -> dict[int, str]:
    """Give what the failed cells of a row say, by column."""
    found: dict[int, str] = {}
    column = 0
    for cell in row:
        if cell.tag in _CELLS:
            if cell.get(_TYPE) == "error":
                # What people noted beside the cell lies in it too.
                shown = "".join(each.text or "" for each in cell.findall(_PARAGRAPH))
                found[column] = shown or "#ERROR"
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    return found
