"""Read models in which the rows of some facts depend on what other facts say.

Most rows say what one fact says. A revision of a project's details, an amendment of an agreement
or a split of a project only says what changed, and yet a question wants the whole as it then
stood. For these few facts the rows are derived from all facts of the projects they concern, anew
whenever one of those changes, and kept like any other rows: old ones are closed, none is rewritten.
"""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from msgspec.structs import replace
from psycopg import Cursor, sql

from domain.amendments import fold_order
from domain.fact import Fact
from projections.folding.belief import OPEN, Belief
from projections.folding.copying import copy_lines
from projections.folding.kept import facts_of
from projections.folding.projection import Change, Changes, FactView

Key = tuple[str, str]
"""The id of a fact and the project whose rows it gives."""


class Derivation(NamedTuple):
    """The rows that a fact gives for a project, which may be another than its own."""

    fact: Fact
    project: str
    rows: tuple[tuple[object, ...], ...]
    order_key: str | None = None
    """The place of the rows, where it is not that of the fact."""


class DerivedView(FactView):
    """A read model that also has derived rows.

    `kinds` are the kinds that stand for themselves; `deriving` those whose rows are derived, and
    `reading` all that derived rows depend on.
    """

    deriving: ClassVar[frozenset[str]]
    reading: ClassVar[frozenset[str]]

    @abstractmethod
    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give the rows that the facts of a group of projects, in fold order, stand for."""

    def derives(self, fact: Fact) -> bool:
        """Tell whether the rows of a fact are derived."""
        return fact.kind in self.deriving

    def concerned(self, fact: Fact) -> Iterable[str]:
        """Name the projects that a fact with derived rows is about."""
        return () if fact.project is None else (fact.project,)

    def tables(self) -> tuple[str, ...]:
        """Name the table, and the one that remembers which projects belong together."""
        return (self.name, self._groups)

    def create(self) -> tuple[str, ...]:
        """Create both tables; a row of the second is never believed, it only helps to fold."""
        groups = (
            f'CREATE TABLE {self._groups} (project text COLLATE "C" NOT NULL,'
            ' member text COLLATE "C" NOT NULL, known_to bigint NOT NULL DEFAULT 0,'
            " PRIMARY KEY (project, member))"
        )
        return (*super().create(), groups)

    def fold(self, changes: Changes, cursor: Cursor[Any]) -> None:
        """Copy the rows of facts that stand for themselves, then derive the others anew."""
        super().fold(changes, cursor)
        if not changes.touch(self.reading):
            return
        if not (self._may_derive(changes) or self._has_groups(cursor)):
            return
        touched: dict[str, list[Change]] = defaultdict(list)
        edges: set[tuple[str, str]] = set()
        for change in changes.of(self.reading):
            projects: set[str] = set()
            for fact in filter(None, (change.closed, change.opened)):
                about = tuple(self.concerned(fact)) if self.derives(fact) else ()
                edges |= {(one, other) for one in about for other in about}
                projects.update(about or filter(None, (fact.project,)))
            for project in projects:
                touched[project].append(change)
        if touched:
            self._remember(edges, cursor)
            self._derive(touched, cursor)

    def _may_derive(self, changes: Changes) -> bool:
        """Tell whether any fact of a batch has derived rows."""
        return changes.touch(self.deriving) and any(
            self.derives(fact)
            for change in changes.of(self.deriving)
            for fact in (change.closed, change.opened)
            if fact is not None
        )

    def _has_groups(self, cursor: Cursor[Any]) -> bool:
        """Tell whether derived rows may have been written before."""
        some = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(self._groups))
        return cursor.execute(some).fetchone() is not None

    @property
    def _derived(self) -> str:
        """Say which rows are derived; of facts that do not stand for themselves all are."""
        return f"NOT ({self.standing})" if self.kinds & self.deriving else "true"

    @property
    def _groups(self) -> str:
        """Name the table of projects that belong together."""
        return f"{self.name}_groups"

    def _remember(self, edges: Iterable[tuple[str, str]], cursor: Cursor[Any]) -> None:
        """Note that facts with derived rows concern projects, and which of them together."""
        pairs = sorted(edges)
        if pairs:
            cursor.execute(
                sql.SQL(
                    "INSERT INTO {} (project, member) SELECT * FROM unnest(%s::text[], %s::text[])"
                    " ON CONFLICT DO NOTHING"
                ).format(sql.Identifier(self._groups)),
                ([one for one, _ in pairs], [other for _, other in pairs]),
            )

    def _derive(self, touched: Mapping[str, Sequence[Change]], cursor: Cursor[Any]) -> None:
        """Derive the rows of every touched group before and after each of its changes."""
        closed: list[tuple[Key, int]] = []
        finished: list[tuple[Derivation, int, int]] = []
        for group in self._touched_groups(touched, cursor):
            found = {id(change): change for name in group for change in touched.get(name, ())}
            changes = sorted(found.values(), key=attrgetter("position"))
            known = facts_of(cursor.connection, group, self.reading, changes[0].position - 1)
            facts = {fact.id: fact for fact in known}
            before = self._state(facts.values())
            mine: dict[Key, tuple[Derivation, int]] = {}
            for position, together in groupby(changes, key=attrgetter("position")):
                _apply(together, facts, frozenset(group))
                after = self._state(facts.values())
                for key in before.keys() | after.keys():
                    if _said(before.get(key)) == _said(after.get(key)):
                        continue
                    if key in mine:
                        finished.append((*mine.pop(key), position))
                    elif key in before:
                        closed.append((key, position))
                    if key in after:
                        mine[key] = (after[key], position)
                before = after
            finished.extend((derivation, since, OPEN) for derivation, since in mine.values())
        self._close_derived(closed, cursor)
        self._copy_derived(finished, cursor)

    def _state(self, facts: Iterable[Fact]) -> dict[Key, Derivation]:
        """Give the derived rows of a group at one position."""
        return {
            (derivation.fact.id, derivation.project): derivation
            for derivation in self.derived(sorted(facts, key=fold_order))
        }

    def _touched_groups(self, touched: Iterable[str], cursor: Cursor[Any]) -> list[tuple[str, ...]]:
        """Give the groups of projects with derived rows that contain a touched project."""
        if not self._has_groups(cursor):
            return []
        members: dict[str, set[str]] = defaultdict(set)
        asked, wanted = set[str](), set(touched)
        while wanted:
            cursor.execute(
                sql.SQL("SELECT project, member FROM {} WHERE project = ANY(%s)").format(
                    sql.Identifier(self._groups)
                ),
                (sorted(wanted),),
            )
            asked |= wanted
            for project, member in cursor.fetchall():
                members[project].add(member)
            wanted = {member for each in members.values() for member in each} - asked
        return _components(members)

    def _close_derived(self, closed: Sequence[tuple[Key, int]], cursor: Cursor[Any]) -> None:
        """End the belief in rows that an earlier batch derived."""
        if closed:
            cursor.execute(
                sql.SQL(
                    "UPDATE {} AS v SET known_to = c.position"
                    " FROM unnest(%s::uuid[], %s::text[], %s::bigint[])"
                    " AS c (fact, owner, position) WHERE v.fact = c.fact AND v.project = c.owner"
                    " AND v.known_to = 9223372036854775807 AND {}"
                ).format(sql.Identifier(self.name), sql.SQL(self._derived)),
                (
                    [fact for (fact, _), _ in closed],
                    [project for (_, project), _ in closed],
                    [position for _, position in closed],
                ),
            )

    def _copy_derived(
        self, finished: Sequence[tuple[Derivation, int, int]], cursor: Cursor[Any]
    ) -> None:
        """Write derived rows with the span of positions in which they are believed."""
        if finished:
            lines = (line for each in finished for line in _lines(*each))
            copy_lines(cursor, self.copying, lines)


def _lines(derivation: Derivation, known_from: int, known_to: int) -> Iterator[str]:
    """Write derived rows for COPY."""
    fact, project, rows, order_key = derivation
    placed = fact if order_key is None else replace(fact, order_key=order_key)
    belief = Belief(placed, known_from, known_to)
    for row in rows:
        yield belief.line(project, row)


def _apply(changes: Iterable[Change], facts: dict[str, Fact], group: frozenset[str]) -> None:
    """Let changes close and open facts of a group."""
    for change in changes:
        if change.closed is not None:
            facts.pop(change.closed.id, None)
        if change.opened is not None and change.opened.project in group:
            facts[change.opened.id] = change.opened


def _said(derivation: Derivation | None) -> object:
    """Give what a derivation says, to be compared; JSON columns by what they hold."""
    if derivation is None:
        return None
    fact, _, rows, place = derivation
    return (
        place or fact.order_key,
        fact.occurred_on,
        fact.phase_id,
        [[*map(_plain, row)] for row in rows],
    )


def _plain(value: object) -> object:
    """Unwrap a JSON column, which compares by identity only."""
    return getattr(value, "obj", value)


def _components(members: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Put projects that belong together, directly or through others, into one group."""
    left, found = set(members), []
    while left:
        group, fresh = set[str](), {left.pop()}
        while fresh:
            group |= fresh
            fresh = {member for project in fresh for member in members.get(project, ())} - group
        left -= group
        found.append(tuple(sorted(group)))
    return sorted(found)
