"""The changes that name another old value than the one that stood."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.misquotes import PLANS, REPLAN, misquoted
from domain.revisions import AGREEMENT, AMENDMENT, REGISTRATION, REVISION, SIGNING
from projections.folding.derived import Derivation, DerivedView
from projections.folding.projection import Column


class Misquotes(DerivedView):
    """One row a change (信息变更, 补充协议, 节点调整) for each fact that says what stood otherwise.

    `against` is the position of the fact that said what stood.
    """

    name = "misquotes"
    kinds = frozenset()
    deriving = frozenset({AMENDMENT, REVISION, REPLAN})
    reading = deriving | PLANS | {AGREEMENT, REGISTRATION, SIGNING}
    columns: ClassVar[tuple[Column, ...]] = (Column("against", "bigint NOT NULL"),)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give nothing; no fact contradicts itself."""
        del fact
        return ()

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give the facts that each change is at odds with."""
        found: dict[str, tuple[Fact, list[tuple[int]]]] = {}
        for fact, stated in misquoted(facts):
            found.setdefault(fact.id, (fact, []))[1].append((stated.position,))
        for fact, rows in found.values():
            yield Derivation(fact, str(fact.project), tuple(rows))


VIEW = Misquotes()
