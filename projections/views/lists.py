"""The major project lists that were published."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text, whole
from projections.folding.projection import BELIEF, Column, FactView


class Lists(FactView):
    """One row a publication of a list (重大项目清单); the last visible one names its version."""

    name = "lists"
    subject = "stream"
    kinds = frozenset({"MajorProjectListPublished"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("list_id", 'text COLLATE "C" NOT NULL'),
        Column("year", "integer NOT NULL"),
        Column("level", "text NOT NULL"),
        Column("version_label", "text NOT NULL"),
    )
    indexes = ("(list_id, order_key)", *BELIEF)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the year, the level and the version of the list."""
        payload = fact.payload
        yield (
            text(payload, "list_id"),
            whole(payload, "year"),
            text(payload, "level"),
            text(payload, "version"),
        )


VIEW = Lists()
