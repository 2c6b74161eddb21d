"""Read the facts of a few projects as they stood at any position, the plain way."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from domain.amendments import visible_facts
from domain.fact import Fact
from domain.kinds.amendments import AMENDMENTS
from ledger.reading import streams_events
from projections.kept import Kept


class GroupFacts:
    """The events of a few projects up to a position, folded for each position asked about."""

    def __init__(
        self,
        connection: Connection[Any],
        projects: Iterable[str],
        kinds: frozenset[str],
        up_to: int,
    ) -> None:
        """Read the events of some kinds, and whatever amends them."""
        self._projects = frozenset(projects)
        self._kept = Kept(connection, up_to)
        family = self._kept.family(self._projects) if self._kept else sorted(self._projects)
        streams = [f"project/{project}" for project in family]
        self._events = streams_events(connection, streams, sorted(kinds | AMENDMENTS), up_to)
        self._kinds = kinds

    def at(self, position: int) -> Sequence[Fact]:
        """Give the effective facts, in fold order, as known at a position."""
        facts = [fact for fact in visible_facts(self._events, position) if fact.kind in self._kinds]
        if not self._kept:
            return facts
        mapping = self._kept.at(position)
        given = (replace(f, project=mapping.get(str(f.project), f.project)) for f in facts)
        return [fact for fact in given if fact.project in self._projects]
