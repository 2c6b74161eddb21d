"""Tell the rows of a register that say nothing of their own: blanks, sums, titles and notes."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from intake.registers.cells import Cell, written
from intake.registers.header import is_numbering
from intake.registers.table import Row
from intake.registers.values import ERRORS

NOTES: Final = re.compile(
    r"(注|备注|说明|填表人|制表人?|审核人?|单位负责人|负责人|联系人|联系电话)[::]"
)
SUMMED_IN: Final = 2
"""A row that sums others up says so in one of its first so many cells."""


def why_skipped(
    cells: Row, keys: Collection[int], words: tuple[str, ...], after_header: int
) -> str | None:
    """Say why a row tells nothing; `after_header` counts the rows between it and the header."""
    there = _beginning(cells)
    if not there or (there[0] in ERRORS and _only_errors(cells)):
        return "blank"
    if any(text[:1] in _firsts(words) and _is_sum(text, words) for text in there):
        return "sum"
    reason = None
    if NOTES.match(there[0]):
        reason = "note"
    elif not any(_squeezed(cells[place]) for place in keys if place < len(cells)):
        # The second line of a header has nothing where its first line was merged with it.
        reason = "section" if len(there) == 1 else None
        if reason is None and not after_header and not any(map(_counts, cells)):
            reason = "header"
    elif after_header <= 1 and is_numbering(cells):
        reason = "numbering"
    return reason


def _beginning(cells: Row) -> list[str]:
    """Give the first texts of a row, without the blanks in them."""
    there: list[str] = []
    for cell in cells:
        text = _squeezed(cell)
        if text:
            there.append(text)
            if len(there) == SUMMED_IN:
                break
    return there


def _only_errors(cells: Row) -> bool:
    """Tell whether a row holds formulas over blanks and nothing else, as prepared rows do."""
    return all(text in ERRORS for text in map(_squeezed, cells) if text)


def _squeezed(cell: Cell) -> str:
    """Give what a cell says without any blanks."""
    if cell is None or cell == "":
        return ""
    return "".join(written(cell).split())


def _counts(cell: Cell) -> bool:
    """Tell whether a cell holds a number or a date, as rows do and titles do not."""
    return written(cell)[:1].isdecimal()


@lru_cache(maxsize=64)
def _firsts(words: tuple[str, ...]) -> frozenset[str]:
    """Give the letters with which words begin."""
    return frozenset(word[:1] for word in words)


def _is_sum(text: str, words: Sequence[str]) -> bool:
    """Tell whether a cell says that its row sums others up: 合计, 合计(3个), 合 计:."""
    rests = [text.removeprefix(word) for word in words if text.startswith(word)]
    return any(not rest or not rest[0].isalpha() for rest in rests)
