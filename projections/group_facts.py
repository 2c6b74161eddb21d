"""Read the facts of a few projects as they stood at any position, the plain way."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from domain.amendments import visible_facts
from domain.fact import Fact
from domain.kinds.amendments import AMENDMENTS
from ledger.reading import stream_events


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
        self._kinds = kinds
        wanted = kinds | AMENDMENTS
        self._events = [
            event
            for project in projects
            for event in stream_events(connection, f"project/{project}", up_to)
            if event.kind in wanted
        ]

    def at(self, position: int) -> Sequence[Fact]:
        """Give the effective facts, in fold order, as known at a position."""
        return visible_facts(self._events, position)
