"""The colours that people decided to show instead of the judged ones."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.payload import text
from projections.folding.projection import BELIEF, Column, FactView


class ColourOverrides(FactView):
    """One row an override (人工改色), of the whole project where it names no node."""

    name = "colour_overrides"
    kinds = frozenset({"ColourOverridden"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("node", 'text COLLATE "C"'),
        Column("colour", "text NOT NULL"),
        Column("until", "text NOT NULL"),
        Column("until_to", "date NOT NULL"),
        Column("approved_by", "text NOT NULL"),
    )
    indexes = BELIEF

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the colour and the last day it is shown."""
        payload = fact.payload
        yield (
            text(payload, "node"),
            text(payload, "colour"),
            text(payload, "until"),
            FlexDate.parse(str(payload["until"])).latest,
            text(payload, "approved_by"),
        )


VIEW = ColourOverrides()
