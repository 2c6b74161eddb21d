"""When those who know a site expect its nodes to be reached."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class MilestoneForecasts(FactView):
    """One row a forecast (节点预测); the last visible one of a node in its phase counts."""

    name = "milestone_forecasts"
    kinds = frozenset({"MilestoneForecast"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("node", 'text COLLATE "C" NOT NULL'),
        Column("forecast", "text NOT NULL"),
        Column("confidence", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the node and the date expected."""
        payload = fact.payload
        yield (text(payload, "node"), text(payload, "forecast"), text(payload, "confidence"))


VIEW = MilestoneForecasts()
