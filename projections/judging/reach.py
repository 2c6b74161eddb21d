"""Say how far a caller may see, and show in SQL only what of every table lies within that.

A caller whose token is limited to regions gets the answers that a ledger would give in which
nothing but those regions is recorded. That is decided in one place: before a question becomes a
statement, every table in it is replaced by that table with the condition of `within`.
A table without a condition cannot be read at all. Callers who may see everything ask the same text
as ever, without any condition.

A project lies where its last registration or revision puts it, at the two clocks of the question: a
project that moved belongs to one region before and to the other after, whoever asks.

These mean the reach of the caller in the texts here:

    $regions            the beginnings of the codes that may be seen, a text[]
    $actor              who asks, a text; what somebody delivered can be seen by that actor
    within_reach(x.y)   whether the code in a column lies within the regions
    whole_read.<table>  a table with everything in it, which only `whole` may ask for
    before_read.<table> a table by the clocks of one side, of texts made by `two_moments.at`
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from projections.judging.two_moments import SIDES, Side, clocked
from projections.judging.within import GUARDS, OPEN, TABLES, all_at_once, one_by_one

_TABLE = re.compile(r"(?<!['\w])(read|ledger)\.([a-z_]+)\b(?!\s*\()")
_SIDED = {side: re.compile(rf"(?<!['\w]){side}_((?:read|ledger)\.[a-z_]+)\b") for side in SIDES}
_WHOLE = re.compile(r"(?<!['\w])whole_(read|ledger)\.([a-z_]+)\b")
_OF_ROW = re.compile(r"\$(?:parent|self)")
_WITHIN = re.compile(r"\bwithin_reach\(([\w.]+)\)")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a caller sees who may not see everything: which regions, and what `actor` sent.

    Regions are the significant beginnings of codes, as 32, 3205 or 320582, sorted; without any
    there is nothing to see.
    """

    regions: tuple[str, ...]
    actor: str

    @property
    def key(self) -> str:
        """Give a text that is equal for callers who see the same, and only for them."""
        return f"{','.join(self.regions)} {self.actor}"


class Unreadable(Exception):
    """A table says nothing about regions, so nobody limited to some may read it."""


def unrestricted(sql: str) -> str:
    """Mean everything, for callers who may see everything."""
    for table in _SIDED.values():
        sql = table.sub(r"\1", sql)
    return _WITHIN.sub("true", _WHOLE.sub(r"\1.\2", sql))


def restricted(sql: str, found: Callable[[str], str] | None = None) -> str:
    """Show of every table only what is within reach. Raises Unreadable."""
    found = found or _found(sql)
    shown = _TABLE.sub(lambda match: found(_shown(match[0])), sql)
    for side, table in _SIDED.items():
        shown = table.sub(partial(_shown_at, side, found), shown)
    shown = _WITHIN.sub(r"(\1 ^@ ANY ($regions))", shown)
    return _WHOLE.sub(r"\1.\2", shown)


def guarded(type_: str, source: str, *, single: bool = False) -> str:
    """Leave out rows of a type that are beyond reach, wherever their ids came from.

    A `single` object of such a type is one that was asked for by name.
    """
    guard = GUARDS.get(type_)
    if guard is None:
        return restricted(source)
    found = one_by_one if single else _found(source)
    shown = restricted(source, found)
    return f"SELECT reached.* FROM ({shown}) reached WHERE ({found(guard)}) IS TRUE"


def whole(sql: str) -> str:
    """Look at everything: to judge one beside all others, or where it was asked before.

    Whoever uses this must show only what is `within_reach`, or rows of a type that has a guard.
    """
    return _TABLE.sub(r"whole_\1.\2", sql)


def _found(sql: str) -> Callable[[str], str]:
    """Choose how projects are found: one by one below a row, else all at once."""
    return one_by_one if _OF_ROW.search(sql) else all_at_once


def _shown_at(side: Side, found: Callable[[str], str], match: re.Match[str]) -> str:
    """Put a table in its place with its condition by the clocks of one side."""
    return clocked(side, found(_shown(match[1])))


def _shown(table: str) -> str:
    """Put a table with its condition in its place."""
    shown = TABLES.get(table)
    if shown is None:
        raise Unreadable(table)
    if shown is OPEN:
        return table
    # As a truth value the condition stays one: as a join it would be planned with all others.
    return f"(SELECT {shown.columns} FROM {table} v WHERE ({shown.condition}) IS TRUE)"
