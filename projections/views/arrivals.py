"""When facts came from their sources, to tell how late these report."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import ClassVar

from psycopg import sql

from domain.fact import Fact
from domain.flexdate import FlexDate, beijing_day
from domain.kinds import KINDS
from projections.folding.belief import Belief
from projections.folding.copying import written
from projections.folding.projection import Column, FactView


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

    def copy_statement(self) -> sql.SQL:
        """Give the statement that copies the narrow rows."""
        return sql.SQL(
            "COPY arrivals (fact, position, source, recorded_on, day_to, known_from, known_to)"
            " FROM STDIN"
        )

    def lines(self, believed: Iterable[Belief]) -> Iterator[str]:
        """Write the narrow rows; mostly all facts of a batch were recorded at one moment."""
        moment, recorded_on = None, date.min
        for belief in believed:
            fact = belief.fact
            if fact.recorded_at != moment:
                moment = fact.recorded_at
                recorded_on = beijing_day(moment)
            arrival = _arrival(fact.source.system, recorded_on, fact.occurred_on.text)
            yield f"{belief.event}{arrival}{belief.span}\n"


@lru_cache(maxsize=8_192)
def _arrival(source: str, recorded_on: date, occurred_on: str) -> str:
    """Write source and days, which many facts of a batch share."""
    return written((source, recorded_on, FlexDate.parse(occurred_on).latest))


VIEW = Arrivals()
