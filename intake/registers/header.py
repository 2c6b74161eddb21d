"""Find the header of a register, of one line or several, and which column is which."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Final
from unicodedata import normalize

from domain.errors import Refused
from domain.money import YUAN_IN
from intake.registers.cells import MU_IN, written
from intake.registers.mapping import Mapping
from intake.registers.table import Merged, Row

LOOKED_AT: Final = 60
"""Rows at the beginning among which the header is looked for."""
DEEPEST: Final = 3
FEWEST_NUMBERED: Final = 3
"""Numbers in a row that are taken for the numbering of its columns."""
_UNITS = (*YUAN_IN, *MU_IN, "%", "吨标准煤", "人", "个", "天")
_OTHER_MONEY = "[十百千万亿]*[\u4e00-\u9fff]?元"
"""Amounts in units that we do not read, as 千元 and 万美元: named, so that they are refused."""
_UNIT = re.compile(
    r"(?:[(\[【,:、]|单位)(?:单位)?[::]?(?:人民币)?(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + rf"|{_OTHER_MONEY})[)\]】]"
)
_BARE_UNIT = re.compile(r"(?<=.)[,:/、]?(?P<unit>[千百十万亿]+元)$")
"""A unit of money that ends a title without brackets; 元 alone may end other words."""
_TABLE_UNIT = re.compile(rf"单位[::]\s*(?:人民币)?\s*(?P<unit>亿元|万元|元|{_OTHER_MONEY})")
_TITLE_YEAR = re.compile(r"(20[0-9]{2})年")
_TITLE_MONTH = re.compile(r"(20[0-9]{2})年(?:1-|1—|1~)?(1[0-2]|[1-9])月")
_BARE = ("甲", "乙", "丙", "丁")


class MissingColumns(Refused):
    """No row of {sheet} has all the columns that the mapping needs; missing: {value}."""

    code = "missing_columns"
    field = "header"
    cure = "Add the columns, or their titles to the mapping; the header found says: {found}."


class RepeatedColumn(Refused):
    """Several columns of {sheet} have the title {value}."""

    code = "repeated_column"
    field = "header"
    cure = "Name them apart, or delete all but the one that counts."


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is, and what it says."""

    first: int
    depth: int
    labels: tuple[str, ...]
    places: dict[str, int]
    units: dict[str, str]
    above: tuple[Row, ...]
    rows: tuple[Row, ...]
    lines: tuple[tuple[str, ...], ...]
    table_unit: str | None
    year: int | None
    month: str | None

    @property
    def after(self) -> int:
        """Give the index of the first row after the header."""
        return self.first + self.depth

    def title(self, place: int) -> str:
        """Name a column as its header does."""
        return self.labels[place] if place < len(self.labels) else ""


def find(rows: Sequence[Row], merged: Merged, mapping: Mapping, sheet: str) -> Header:
    """Find the header among the first rows. Raises MissingColumns."""
    best: tuple[int, int, int] | None = None
    for first in range(len(rows)):
        depths = [mapping.header_rows] if mapping.header_rows else range(1, DEEPEST + 1)
        for depth in depths:
            if first + depth > len(rows):
                continue
            found = _places(labels_of(rows, merged, first, depth), mapping)
            if found and (best is None or (len(found), -depth) > (best[0], -best[2])):
                best = (len(found), first, depth)
    if best is None:
        raise MissingColumns(sheet=sheet, value=_titles(mapping, {}), found=_best_guess(rows))
    _, first, depth = best
    depth = max(depth, _merged_depth(merged, first)) if mapping.header_rows is None else depth
    return _header(rows, merged, mapping, sheet, (first, depth))


def _header(
    rows: Sequence[Row], merged: Merged, mapping: Mapping, sheet: str, at: tuple[int, int]
) -> Header:
    """Describe the header that was found. Raises MissingColumns."""
    first, depth = at
    lines = _lines(rows, merged, first, depth)
    labels = _labels(lines)
    places = _places(labels, mapping)
    if any(column.required and column.name not in places for column in mapping.columns):
        found = ", ".join(filter(None, labels))
        raise MissingColumns(sheet=sheet, value=_titles(mapping, places), found=found)
    _refuse_repeated(rows[first : first + depth], labels, places, sheet)
    above = " ".join(written(cell) for row in rows[:first] for cell in row)
    unit, year, month = (
        pattern.search(above) for pattern in (_TABLE_UNIT, _TITLE_YEAR, _TITLE_MONTH)
    )
    return Header(
        first=first,
        depth=depth,
        labels=tuple(_without_unit(label) for label in labels),
        places=places,
        units={name: unit_of(labels[place]) or "" for name, place in places.items()},
        above=tuple(rows[:first]),
        rows=tuple(rows[first : first + depth]),
        lines=tuple(map(tuple, lines)),
        table_unit=unit["unit"] if unit else None,
        year=int(year[1]) if year else None,
        month=f"{month[1]}-{int(month[2]):02d}" if month else None,
    )


def _refuse_repeated(
    rows: Sequence[Row], labels: Sequence[str], places: dict[str, int], sheet: str
) -> None:
    """Refuse a title that stands over two columns, of which one is meant. Raises RepeatedColumn.

    A title over cells that are merged stands in the first of them only.
    """
    titled = {place for row in rows for place, cell in enumerate(row) if written(cell)}
    counts = Counter(label for place, label in enumerate(labels) if place in titled)
    for place in places.values():
        if counts[labels[place]] > 1:
            raise RepeatedColumn(sheet=sheet, value=labels[place])


def labels_of(rows: Sequence[Row], merged: Merged, first: int, depth: int) -> list[str]:
    """Give the whole title of each column: what stands above it, line by line, parted by "/"."""
    return _labels(_lines(rows, merged, first, depth))


def _lines(rows: Sequence[Row], merged: Merged, first: int, depth: int) -> list[list[str]]:
    """Give the lines of a header, as wide as each other, a group's title over all its columns."""
    lines = [_line(rows[at], at, merged) for at in range(first, first + depth)]
    width = max((len(line) for line in lines), default=0)
    lines = [line + [""] * (width - len(line)) for line in lines]
    for upper, lower in pairwise(lines):
        for place in range(1, width):
            # Where merged cells are not told, a group's title stands over its first column only.
            if not upper[place] and lower[place] and upper[place - 1]:
                upper[place] = upper[place - 1]
    return lines


def _labels(lines: Sequence[Sequence[str]]) -> list[str]:
    """Put the lines of each column's title together."""
    return [_joined(list(parts)) for parts in zip(*lines, strict=True)]


def _line(row: Row, at: int, merged: Merged) -> list[str]:
    """Give one line of the header, merged cells filled."""
    line = [_squeezed(written(cell)) for cell in row]
    for (top, left), (bottom, right) in merged:
        if top == at and left < len(line):
            for place in range(left, min(right + 1, len(line))):
                line[place] = line[left]
        elif top < at <= bottom and left < len(line):
            for place in range(left, min(right + 1, len(line))):
                line[place] = ""
    return line


def _joined(parts: list[str]) -> str:
    """Put the lines of one title together."""
    kept: list[str] = []
    for part in parts:
        if part and (not kept or kept[-1] != part):
            kept.append(part)
    return "/".join(kept)


def _merged_depth(merged: Merged, first: int) -> int:
    """Tell how many rows the cells reach over that begin in the header's first row."""
    return max((bottom - top + 1 for (top, _), (bottom, _) in merged if top == first), default=1)


def _places(labels: Sequence[str], mapping: Mapping) -> dict[str, int]:
    """Find each column of a mapping among the labels; the first of its titles that is there."""
    plain = [_without_unit(label) for label in labels]
    places: dict[str, int] = {}
    for column in mapping.columns:
        for title in column.titles:
            place = _place(_without_unit(_squeezed(normalize("NFKC", title))), plain)
            if place is not None:
                places[column.name] = place
                break
    return places


def _place(title: str, labels: Sequence[str]) -> int | None:
    """Find a title: as a whole, else as the last line of one column only, else by its pattern."""
    if title in labels:
        return labels.index(title)
    for matches in (
        [at for at, label in enumerate(labels) if label.rpartition("/")[2] == title],
        [at for at, label in enumerate(labels) if label.partition("/")[0] == title],
        [at for at, label in enumerate(labels) if "*" in title and fnmatchcase(label, title)],
    ):
        if len(matches) == 1:
            return matches[0]
    return None


def unit_of(label: str) -> str | None:
    """Give the unit that a title names."""
    found = _UNIT.search(label) or _BARE_UNIT.search(label)
    return found["unit"] if found else None


def _without_unit(label: str) -> str:
    """Give a title without its unit."""
    return _BARE_UNIT.sub("", _UNIT.sub("", label))


def _squeezed(text: str) -> str:
    """Take blanks and line breaks out of a title."""
    return re.sub(r"\s+", "", text)


def _titles(mapping: Mapping, places: dict[str, int]) -> str:
    """Name the needed columns that are missing."""
    missing = [column.titles[0] for column in mapping.columns if column.required]
    there = {column.titles[0] for column in mapping.columns if column.name in places}
    return ", ".join(title for title in missing if title not in there) or "every column"


def _best_guess(rows: Sequence[Row]) -> str:
    """Show the row that looks most like a header."""
    texts = [[written(cell) for cell in row if isinstance(cell, str) and cell] for row in rows]
    widest = max((len(row) for row in texts), default=0)
    return ", ".join(next((row for row in texts if len(row) == widest), [])) or "nothing"


def is_numbering(row: Row) -> bool:
    """Tell whether a row only numbers the columns: 甲, 乙, 1, 2, 3."""
    said = [written(cell).strip("()栏") for cell in row if written(cell)]
    numbers = [one for one in said if one not in _BARE]
    counted = numbers == [str(at) for at in range(1, len(numbers) + 1)]
    return counted and (len(numbers) < len(said) or len(numbers) >= FEWEST_NUMBERED)
