"""Define what a read model is: a name, a version, tables and a fold over changes of facts.

Read models are bitemporal. A row says on which days its fact was true (`day_from`, `day_to`, a
range because dates may be coarse) and between which positions of the ledger it was believed
(`known_from`, `known_to`). A correction closes rows and opens others; no row is ever rewritten
otherwise, so a question about the past is the same SQL with other parameters.
"""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

import msgspec
from psycopg import Cursor, sql

from domain.fact import Fact
from projections.folding.belief import OPEN, Belief
from projections.folding.copying import copy_lines

SCHEMA = "read"

BELIEF: Final = ("(known_from)", f"(known_to) WHERE known_to < {OPEN}")
"""Indexes that find what began or ceased to be believed since a position."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """What one event did to one fact: the facts it closed and opened at its position.

    An event that adds a fact only opens one, a retraction only closes, a correction does both.
    An amendment of an event that is not in the ledger yet does neither. `retracted` and
    `restored` name the events, amendments included, that stopped or started to count at this
    position.
    """

    position: int
    root: str
    closed: Fact | None
    opened: Fact | None
    retracted: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a read model: its name and its SQL type."""

    name: str
    type: str


class Changes:
    """The changes of a batch, to be had by the kinds of the facts that they are about."""

    def __init__(self, changes: Iterable[Change]) -> None:
        """Keep changes in the order of their positions."""
        self.all = tuple(changes)
        self.written: dict[str, bytes] = {}
        """Rows of read models that have been written ahead, by the names of these."""
        self._opened: dict[str, list[Belief]] = defaultdict(list)
        self._entangled: dict[str, list[Change]] = defaultdict(list)
        self.amending: list[Change] = []
        """Those that do more than open a fact; only they can tell that an event does not count."""
        often = _often(self.all)
        for change in self.all:
            opened = change.opened
            if opened is not None and change.closed is None and change.root not in often:
                self._opened[opened.kind].append(Belief(opened, change.position))
                if not (change.retracted or change.restored):
                    continue
            elif fact := opened or change.closed:
                self._entangled[fact.kind].append(change)
            self.amending.append(change)

    @cached_property
    def _of(self) -> dict[str, list[Change]]:
        """Give all changes by the kinds of their facts; many batches are never asked for them."""
        found: dict[str, list[Change]] = defaultdict(list)
        for change in self.all:
            if fact := change.opened or change.closed:
                found[fact.kind].append(change)
        return found

    def touch(self, kinds: frozenset[str]) -> bool:
        """Tell whether anything changes facts of these kinds."""
        return not (
            kinds.isdisjoint(self._opened.keys()) and kinds.isdisjoint(self._entangled.keys())
        )

    def of(self, kinds: frozenset[str]) -> Iterator[Change]:
        """Give the changes of facts of these kinds; those of one fact are in order."""
        for kind in kinds & self._of.keys():
            yield from self._of[kind]

    def opened(self, kinds: frozenset[str]) -> Iterator[Belief]:
        """Give the facts of these kinds to which the batch does nothing but to open them."""
        for kind in kinds & self._opened.keys():
            yield from self._opened[kind]

    def entangled(self, kinds: frozenset[str]) -> Iterator[Change]:
        """Give the changes of all other facts of these kinds; those of one fact are in order."""
        for kind in kinds & self._entangled.keys():
            yield from self._entangled[kind]


def _often(changes: Sequence[Change]) -> set[str]:
    """Give the roots that several changes are about."""
    roots = [change.root for change in changes]
    if len(set(roots)) == len(roots):
        return set()
    return {root for root, times in Counter(roots).items() if times > 1}


class Projection(ABC):
    """A read model that follows the ledger."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    kinds: ClassVar[frozenset[str]]

    @abstractmethod
    def tables(self) -> tuple[str, ...]:
        """Name the tables that hold this read model, without their schema."""

    @abstractmethod
    def create(self) -> tuple[str, ...]:
        """Give the statements that create the tables, with unqualified names."""

    def write_ahead(self, changes: Changes) -> None:  # noqa: B027 - most read models, not all
        """Write out, while others use the database, what folding the changes will only copy.

        Without it folding does the same.
        """

    @abstractmethod
    def fold(self, changes: Changes, cursor: Cursor[Any]) -> None:
        """Write what the changes mean."""


class FactView(Projection):
    """A read model with rows that stand for effective facts, one or several rows a fact."""

    subject: ClassVar[str] = "project"
    columns: ClassVar[tuple[Column, ...]]
    indexes: ClassVar[tuple[str, ...]] = ()
    standing: ClassVar[str] = "true"
    """Which rows `v` stand for facts by themselves; where others may be of the same facts."""

    @abstractmethod
    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the values of `columns` for each row that the fact stands for."""

    def about(self, fact: Fact) -> str | None:
        """Give the subject of the rows that a fact stands for."""
        return fact.project if self.subject == "project" else fact.stream

    def tables(self) -> tuple[str, ...]:
        """Name the one table, which is called like the read model."""
        return (self.name,)

    def create(self) -> tuple[str, ...]:
        """Create the table with the common columns first, and its indexes."""
        own = "".join(f", {column.name} {column.type}" for column in self.columns)
        table = (
            f"CREATE TABLE {self.name} (fact uuid NOT NULL, position bigint NOT NULL,"
            f' {self.subject} text COLLATE "C" NOT NULL, phase_id text, occurred_on text NOT NULL,'
            ' day_from date NOT NULL, day_to date NOT NULL, order_key text COLLATE "C" NOT NULL,'
            f" known_from bigint NOT NULL, known_to bigint NOT NULL{own})"
        )
        indexes = (f"({self.subject}, order_key)", "(fact)", *self.indexes)
        return (table, *(f"CREATE INDEX ON {self.name} {index}" for index in indexes))

    def write_ahead(self, changes: Changes) -> None:
        """Write the rows of facts that the batch only opens, which are nearly all."""
        text = "".join(self.lines(changes.opened(self.kinds)))
        changes.written[self.name] = text.encode()

    def fold(self, changes: Changes, cursor: Cursor[Any]) -> None:
        """Copy the opened rows, each already closed where a later change of the batch closes it."""
        ahead = changes.written.pop(self.name, None)
        believed = list(changes.opened(self.kinds)) if ahead is None else []
        opened: dict[str, Belief] = {}
        closed: list[tuple[str, int]] = []
        for change in changes.entangled(self.kinds):
            if change.closed is not None:
                mine = opened.pop(change.root, None)
                if mine is None:
                    closed.append((change.root, change.position))
                else:
                    mine.known_to = change.position
                    believed.append(mine)
            if change.opened is not None:
                opened[change.root] = Belief(change.opened, change.position)
        if closed:
            self._close(closed, cursor)
        believed.extend(opened.values())
        if believed or ahead:
            copy_lines(cursor, self.copying, self.lines(believed), ahead or b"")

    def _close(self, closed: Sequence[tuple[str, int]], cursor: Cursor[Any]) -> None:
        """End the belief in facts that an earlier batch opened."""
        cursor.execute(
            sql.SQL(
                "UPDATE {} AS v SET known_to = c.position"
                " FROM unnest(%s::uuid[], %s::bigint[]) AS c (fact, position)"
                " WHERE v.fact = c.fact AND v.known_to = 9223372036854775807 AND {}"
            ).format(sql.Identifier(self.name), sql.SQL(self.standing)),
            ([fact for fact, _ in closed], [position for _, position in closed]),
        )

    def lines(self, believed: Iterable[Belief]) -> Iterator[str]:
        """Write the rows of facts with the span of positions in which they are believed."""
        for belief in believed:
            about = self.about(belief.fact)
            for row in self.rows(belief.fact):
                yield belief.line(about, row)

    @cached_property
    def copying(self) -> bytes:
        """Give the statement that copies rows, put together once."""
        return self.copy_statement().as_bytes()

    def copy_statement(self) -> sql.SQL | sql.Composed:
        """Give the statement that copies rows: the common columns, then the own ones."""
        names = [column.name for column in self.columns]
        return sql.SQL(
            "COPY {} (fact, position, {}, phase_id, occurred_on, day_from, day_to, order_key,"
            " known_from, known_to{}) FROM STDIN"
        ).format(
            sql.Identifier(self.name),
            sql.Identifier(self.subject),
            sql.SQL("").join(sql.SQL(", ") + sql.Identifier(name) for name in names),
        )
