"""Turn the cells of a row into values, as its columns say; each fault keeps its place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import LedgerError, Malformed
from domain.project_code import project_code
from intake.registers import cells
from intake.registers.cells import LONGEST_CELL, Cell, written
from intake.registers.mapping import Column

ERRORS: Final = frozenset(
    {
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!"),
    }
)
_FULL_WIDTH = {
    **{full: full - 0xFEE0 for full in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))},
    **{full: full - 0xFEE0 for full in range(0xFF41, 0xFF5B)},
    0x3000: " ",
}
"""Digits and letters as wide as Chinese ones, and the blank of that width."""
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_CODE_PARTS = (4, 10, 12, 14)
_CODE_DIGITS = 20
ANY_VALUE: Final = "*"


@dataclass(frozen=True, slots=True)
class Terms:
    """How amounts and dates of one column are meant where its cells do not say so."""

    unit: str | None
    year: int | None


def tidy(cell: Cell) -> str:
    """Give a text as a person would write it: half-width digits, single blanks."""
    text = cell if isinstance(cell, str) else written(cell)
    return " ".join(text.translate(_FULL_WIDTH).split())


def value_of(column: Column, cell: Cell, terms: Terms) -> Any:
    """Read what a cell that is not blank says. Raises Malformed."""
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise Malformed(
                code="cell_too_long",
                value=f"{len(cell)} letters",
                cure=f"A cell has at most {LONGEST_CELL} letters.",
            )
        if cell in ERRORS:
            raise Malformed(
                code="formula_error", value=cell, cure="Repair the formula, or write the value."
            )
    if column.values:
        return _listed(column, cell)
    try:
        return _READ[column.type](cell, terms)
    except LedgerError as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(code=error.code, value=error.value, cure=error.cure) from error


def _listed(column: Column, cell: Cell) -> Any:
    """Read a word of a code list. Raises Malformed."""
    said = "".join(tidy(cell).split())
    meant = column.values.get(said) or column.values.get(tidy(cell)) or column.values.get(ANY_VALUE)
    if meant is None:
        raise Malformed(
            code="unknown_value",
            value=said,
            cure=f"Write one of {', '.join(list(column.values)[:12])}.",
        )
    if column.type == "integer":
        return int(meant)
    if column.type == "yes_no":
        return cells.yes_or_no(meant)
    return meant


def _code(cell: Cell, _: Terms) -> str:
    """Read a national project code, with dashes of any kind or none. Raises Malformed."""
    said = _DASHES.sub("-", "".join(written(cell).split()))
    if said.isdecimal() and len(said) == _CODE_DIGITS:
        said = "-".join(
            said[start:end]
            for start, end in zip((0, *_CODE_PARTS), (*_CODE_PARTS, _CODE_DIGITS), strict=True)
        )
    return project_code(said)


_READ: Mapping[str, Callable[[Cell, Terms], Any]] = {
    "text": lambda cell, _: tidy(cell),
    "person": lambda cell, _: tidy(cell),
    "money": lambda cell, terms: cells.money(cell, terms.unit),
    "area": lambda cell, terms: cells.area(cell, terms.unit),
    "number": lambda cell, _: f"{cells.number(cell):f}",
    "integer": lambda cell, _: cells.whole(cell),
    "percent": lambda cell, terms: cells.percent(cell, terms.unit),
    "date": lambda cell, terms: cells.flexible_date(cell, terms.year),
    "day": lambda cell, terms: cells.day(cell, terms.year),
    "month": lambda cell, terms: cells.month(cell, terms.year),
    "year": lambda cell, terms: int(cells.flexible_date(cell, terms.year)[:4]),
    "instant": lambda cell, terms: cells.instant(cell, terms.year),
    "yes_no": lambda cell, _: cells.yes_or_no(cell),
    "project_code": _code,
}
