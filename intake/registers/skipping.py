"""Tell the rows of a register that say nothing of their own: blanks, sums, titles and notes."""

import re
from collections.abc import Collection, Sequence
from typing import Final
from unicodedata import normalize

from intake.registers.cells import written
from intake.registers.header import is_numbering
from intake.registers.table import Row

NOTES: Final = re.compile(
    r"(注|备注|说明|填表人|制表人?|审核人?|单位负责人|负责人|联系人|联系电话)[::]"
)
SUMMED_IN: Final = 2
"""A row that sums others up says so in one of its first so many cells."""


def why_skipped(
    cells: Row, keys: Collection[int], words: Sequence[str], after_header: int
) -> str | None:
    """Say why a row tells nothing; `after_header` counts the rows between it and the header."""
    said = [re.sub(r"\s", "", normalize("NFKC", written(cell))) for cell in cells]
    there = [text for text in said if text]
    if not there:
        return "blank"
    if any(_is_sum(text, word) for text in there[:SUMMED_IN] for word in words):
        return "sum"
    reason = None
    if NOTES.match(there[0]):
        reason = "note"
    elif not any(said[place] for place in keys if place < len(said)):
        # The second line of a header has nothing where its first line was merged with it.
        reason = "section" if len(there) == 1 else None if after_header else "header"
    elif after_header <= 1 and is_numbering(cells):
        reason = "numbering"
    return reason


def _is_sum(text: str, word: str) -> bool:
    """Tell whether a cell says that its row sums others up: 合计, 合计(3个), 合 计:."""
    rest = text.removeprefix(word)
    return rest != text and (not rest or not rest[0].isalpha())
