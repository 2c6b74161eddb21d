"""When each project was last touched, so that what was settled about the others need not be judged.

Whatever a read model says of a project changes only at a position where a fact about it begins or
ceases to be believed, or one about a project that splits or mergers tie to it. Readers who know
that the last such position lies before both their own and that of a settlement may take the word
of the settlement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from psycopg import Cursor

from domain.fact import Fact
from domain.kinds import KINDS
from domain.splits import SPLIT, concerned
from ledger.rows import text_array
from projections.folding.derived import Derivation, DerivedView
from projections.folding.projection import Changes, Column

_TOUCH = """
INSERT INTO touched AS t (project, position)
SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (project) DO UPDATE SET position = excluded.position
"""


class Touched(DerivedView):
    """One row a project, with the position that touched it last.

    It is brought up to date instead of being closed, since it says nothing about the world.
    """

    name = "touched"
    kinds = frozenset(KINDS)
    deriving = frozenset({SPLIT})
    reading = frozenset(KINDS)
    columns: ClassVar[tuple[Column, ...]] = ()

    def create(self) -> tuple[str, ...]:
        """Create the narrow table and the one of projects that belong together."""
        *_, groups = super().create()
        table = (
            'CREATE TABLE touched (project text COLLATE "C" PRIMARY KEY, position bigint NOT NULL,'
            " known_to bigint NOT NULL DEFAULT 0) WITH (fillfactor = 80)"
        )
        return (table, "CREATE INDEX ON touched (position)", groups)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give nothing: no row stands for a fact."""
        del fact
        return ()

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give nothing: no row stands for a fact."""
        del facts
        return ()

    def fold(self, changes: Changes, cursor: Cursor[Any]) -> None:
        """Note for every project the last position that touches it or one tied to it."""
        last: dict[str, int] = {}
        ties: dict[str, set[str]] = defaultdict(set)
        for change in changes.all:
            opened = change.opened
            if opened is not None and change.closed is None and opened.kind != SPLIT:
                if opened.project is not None:
                    last[opened.project] = change.position
                continue
            for fact in filter(None, (change.closed, change.opened)):
                about = concerned(fact) if fact.kind == SPLIT else ()
                if fact.project is not None:
                    last[fact.project] = change.position
                    about = (*about, fact.project)
                for project in about if len(about) > 1 else ():
                    ties[project].update(about)
        self._remember({(one, other) for one, all_ in ties.items() for other in all_}, cursor)
        for group in self._touched_groups(last, cursor):
            latest = max(last.get(project, 0) for project in group)
            last |= dict.fromkeys(group, latest)
        self._touch(last, cursor)

    @staticmethod
    def _touch(last: Mapping[str, int], cursor: Cursor[Any]) -> None:
        """Move the positions of projects forward."""
        if last:
            # Always in the same order, so that two who write at once wait and do not lock.
            projects = sorted(last)
            positions = ",".join([str(last[project]) for project in projects])
            # As texts, since the driver would look at each of thousands of values by itself.
            cursor.execute(_TOUCH, (text_array(projects), f"{{{positions}}}"))


VIEW = Touched()
