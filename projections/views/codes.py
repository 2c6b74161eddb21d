"""The national project codes that were assigned."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Codes(FactView):
    """One row a code (项目代码); a project may be given another, and both keep naming it."""

    name = "codes"
    kinds = frozenset({"ProjectCodeAssigned"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("code", 'text COLLATE "C" NOT NULL'),
        Column("supersedes", "text"),
    )
    indexes = ("(code)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the code and the one it replaces."""
        yield text(fact.payload, "code"), text(fact.payload, "supersedes_code")


VIEW = Codes()
