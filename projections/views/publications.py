"""The rankings and annual results that were published."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from domain.flexdate import BEIJING, FlexDate
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


def known_until(written: str) -> datetime:
    """Give the last moment of what a publication took into account; of a day its end."""
    cut = FlexDate.parse(written)
    if cut.instant is not None:
        return cut.instant
    return datetime.combine(cut.latest + timedelta(days=1), time(), BEIJING) - timedelta(
        microseconds=1
    )


class Publications(FactView):
    """One row a published result of a round (双比双看/龙虎榜), as it was published."""

    name = "publications"
    subject = "stream"
    kinds = frozenset({"RankingPublished"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("round_id", 'text COLLATE "C" NOT NULL'),
        Column("policy", 'text COLLATE "C" NOT NULL'),
        Column("as_known_at", "timestamptz NOT NULL"),
        Column("scores", "jsonb NOT NULL"),
        Column("ranks", "jsonb NOT NULL"),
        Column("published_on", "date NOT NULL"),
    )
    indexes = ("(occurred_on)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give ranks and scores with what they were made from."""
        payload = fact.payload
        yield (
            text(payload, "round_id"),
            text(payload, "policy"),
            known_until(str(payload["as_known_at"])),
            Jsonb(payload["scores"]),
            Jsonb(payload["ranks"]),
            text(payload, "published_on"),
        )


VIEW = Publications()
