"""When facts came from their sources, to tell how late these report."""

from collections.abc import Iterable
from typing import Any, ClassVar

from psycopg import Cursor

from domain.fact import Fact
from domain.flexdate import beijing_day
from domain.kinds import KINDS
from projections.projection import Column, FactView


class Arrivals(FactView):
    """One narrow row a fact: its source, the day it was first recorded, the day it was true.

    There are as many rows as facts, so the columns that other read models share are left out.
    """

    name = "arrivals"
    kinds = frozenset(
        kind
        for kind, payload in KINDS.items()
        if payload.stream_type not in ("ledger", "target-stream")
    )
    columns: ClassVar[tuple[Column, ...]] = ()

    def create(self) -> tuple[str, ...]:
        """Create the narrow table."""
        table = (
            "CREATE TABLE arrivals (fact uuid NOT NULL, position bigint NOT NULL,"
            ' source text COLLATE "C" NOT NULL, recorded_on date NOT NULL, day_to date NOT NULL,'
            " known_from bigint NOT NULL, known_to bigint NOT NULL)"
        )
        return (
            table,
            "CREATE INDEX ON arrivals (fact)",
            "CREATE INDEX ON arrivals (position)",
        )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give source and days of a fact."""
        yield fact.source.system, beijing_day(fact.recorded_at), fact.occurred_on.latest

    def _copy(self, facts: Iterable[tuple[Fact, int, int]], cursor: Cursor[Any]) -> None:
        """Write the narrow rows."""
        statement = (
            "COPY arrivals (fact, position, source, recorded_on, day_to, known_from, known_to)"
            " FROM STDIN"
        )
        with cursor.copy(statement) as copy:
            for fact, known_from, known_to in facts:
                for row in self.rows(fact):
                    copy.write_row((fact.id, fact.position, *row, known_from, known_to))


VIEW = Arrivals()
