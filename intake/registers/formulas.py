"""Look at the formulas of workbooks: cells that would count as blank though they are not.

Workbooks whose formulas were never computed are refused; cells whose formula failed are given.

Office programs save each formula with its value. Programs that only write workbooks often do not.
Source: ECMA-376 part 1, 18.3.1.4 (c) and 18.3.1.40 (f).
"""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO, Final

from intake.registers.faults import place_of
from intake.registers.safety import UnreadableFile, UnsafeFile

Errors = dict[int, dict[int, str]]
"""What failed cells of a sheet say, as #REF!, by row and column from 0."""

_PIECE: Final = 2**20
_LONGEST: Final = 2**15
"""Bytes of the longest cell with a formula, which may lie across two pieces."""
# An empty text is a value too, and is marked as a text.
_UNCOMPUTED: Final = re.compile(
    rb'<c (?![^>]*t="str")[^>]*?r="(?P<cell>[A-Z]{1,3}[0-9]{1,7})"[^>]*>'
    rb"<f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>"
)
_FAILED: Final = re.compile(
    rb'<c (?=[^>]*?t="e")[^>]*?r="(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})"[^>]*>'
    rb"(?:<f(?:[^>]*/>|[^>]*>[^<]*</f>))?<v>(?P<said>[^<]{1,20})</v>"
)
_MOST_ERRORS: Final = 200_000
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_ATTRIBUTE: Final = re.compile(r'(?:\w+:)?(\w+)="([^"]*)"')


class NeverComputed(UnreadableFile):
    """The formula in cell {value} was saved without its value."""

    code = "formula_without_value"
    cure = "Open the file in the office program and save it there, or write values instead."


def errors_in(path: Path) -> dict[str, Errors]:
    """Give, by sheet, what formulas of a workbook that is known to be safe failed with.

    Its reader gives such cells as blank ones. Raises NeverComputed and UnsafeFile.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        errors: dict[str, Errors] = {}
        for part in sorted(parts):
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                with archive.open(part) as sheet:
                    errors[part] = _looked_at(sheet)
        if not any(errors.values()) or not parts >= {_WORKBOOK, _RELATIONS}:
            return {}
        named = _sheets(archive.read(_WORKBOOK), archive.read(_RELATIONS))
    return {name: errors.get(part, {}) for name, part in named}


def _sheets(workbook: bytes, relations: bytes) -> Iterator[tuple[str, str]]:
    """Give the name of each sheet and the part that it lies in."""
    targets = {
        said.get("Id", ""): said.get("Target", "")
        for said in _attributes(relations, "Relationship")
    }
    for said in _attributes(workbook, "sheet"):
        target = targets.get(said.get("id", ""), "")
        yield (
            said.get("name", ""),
            target.removeprefix("/") if target[:1] == "/" else f"xl/{target}",
        )


def _attributes(part: bytes, tag: str) -> Iterator[dict[str, str]]:
    """Give the attributes of each tag of a name, without their prefixes."""
    for found in re.findall(rf"<(?:\w+:)?{tag}\s([^>]*)>", part.decode("utf-8", "replace")):
        yield {name: unescape(text) for name, text in _ATTRIBUTE.findall(found)}


def _looked_at(sheet: IO[bytes]) -> Errors:
    """Look at one sheet, piece by piece. Raises NeverComputed and UnsafeFile."""
    errors: Errors = {}
    before, count = b"", 0
    while piece := sheet.read(_PIECE):
        text = before + piece
        if b"<f" in text:
            found = _UNCOMPUTED.search(text)
            if found is not None:
                raise NeverComputed(value=found["cell"].decode())
        if b't="e"' in text:
            for cell in _FAILED.finditer(text):
                at = int(cell["row"]) - 1
                errors.setdefault(at, {})[place_of(cell["column"].decode())] = cell["said"].decode()
                count += 1
            if count > _MOST_ERRORS:
                raise UnsafeFile(what=f"more than {_MOST_ERRORS} of its formulas ended in errors")
        before = text[-_LONGEST:]
    return errors
