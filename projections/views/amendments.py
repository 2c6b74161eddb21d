"""Keep the events that do not count: retracted facts, corrections and retractions.

A row spans the positions between which its event was retracted. An event without an open row
counts.
"""

from typing import Any, ClassVar

from psycopg import Cursor

from projections.folding.belief import OPEN
from projections.folding.projection import Changes, Projection


class Amendments(Projection):
    """Which events were retracted, and when that was known."""

    name: ClassVar[str] = "amendments"
    kinds: ClassVar[frozenset[str]] = frozenset()

    def tables(self) -> tuple[str, ...]:
        """Name the one table."""
        return ("amendments",)

    def create(self) -> tuple[str, ...]:
        """Create the table and the index that serves look-ups by event."""
        return (
            (
                "CREATE TABLE amendments (target uuid NOT NULL, retracted boolean NOT NULL,"
                " known_from bigint NOT NULL, known_to bigint NOT NULL)"
            ),
            "CREATE INDEX ON amendments (target, known_from)",
        )

    def fold(self, changes: Changes, cursor: Cursor[Any]) -> None:
        """Open a row for every event that stops counting and close it when it counts again."""
        for change in changes.amending:
            for target in change.restored:
                cursor.execute(
                    "UPDATE amendments SET known_to = %s WHERE target = %s AND known_to = %s",
                    (change.position, target, OPEN),
                )
            for target in change.retracted:
                cursor.execute(
                    "INSERT INTO amendments VALUES (%s, true, %s, %s)",
                    (target, change.position, OPEN),
                )


VIEW = Amendments()
