"""Compare the read models at two pairs of clocks: which rows count at one of them only.

Any text about the two clocks of a question becomes one about those of a side by `at`. "Before" and
"after" are the order in which they were asked for, and the latter may well lie in the past of the
former.
"""

import re
from typing import Final, Literal

from projections.folding.belief import OPEN
from projections.terms.seen import believed_at

Side = Literal["before", "after"]
SIDES: Final[tuple[Side, Side]] = ("before", "after")


_CLOCK = re.compile(r"\$(known|on)\b")
_TABLE = re.compile(r"(?<!['\w])(read|ledger)\.(?=[a-z_]+\b(?!\s*\())")


def clocked(side: Side, text: str) -> str:
    """Mean the clocks of a side."""
    return _CLOCK.sub(rf"$\1_{side}", text)


def at(side: Side, text: str) -> str:
    """Turn a text about the two clocks of a question into one about those of a side.

    A caller who is limited to regions sees of its tables what lay there by those clocks.
    """
    return _TABLE.sub(rf"{side}_\1.", clocked(side, text))


def seen_at(side: Side, alias: str) -> str:
    """Give the condition that a row is seen at a side."""
    return f"({believed_at(alias, f'$known_{side}')} AND {alias}.day_to <= $on_{side})"


def _within(value: str, name: str) -> str:
    """Give the condition that a value lies after the lesser clock and not after the greater."""
    lesser, greater = (f"{each}(${name}_before, ${name}_after)" for each in ("least", "greatest"))
    return f"{value} > {lesser} AND {value} <= {greater}"


_CLOSED = f"x.known_to < {OPEN} AND {_within('x.known_to', 'known')}"

CAUSE: Final = f"CASE WHEN {_CLOSED} THEN x.known_to ELSE x.known_from END"
"""The position of the event that made a row `x` be seen at one side only.

Where only the judged day passed, it is the event that the row is from.
"""


def moved_rows(table: str) -> str:
    """Select the rows of a read model that are seen at one side only, with their `cause`.

    `seen_after` says at which.
    """
    before, after = (seen_at(side, "x") for side in SIDES)
    return f"""SELECT x.*, {after} AS seen_after, {CAUSE} AS cause
    FROM read.{table} x
    WHERE (({_within("x.known_from", "known")}) OR ({_CLOSED}) OR ({_within("x.day_to", "on")}))
        AND {before} <> {after}"""
