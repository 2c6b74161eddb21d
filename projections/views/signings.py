"""The investment agreements that were signed, and what was revised of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.revisions import REVISION, SIGNING, signings
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import as_reported, flag, text, yuan
from projections.folding.projection import Column


class Signings(DerivedView):
    """One row a signing (签约) and one a revision; the last visible one says what was promised."""

    name = "signings"
    version = 2
    kinds = frozenset({SIGNING})
    deriving = frozenset({REVISION})
    reading = frozenset({SIGNING, REVISION})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("agreement_no", "text"),
        Column("total_investment", "bigint"),
        Column("total_as_reported", "text"),
        Column("fixed_asset_investment", "bigint"),
        Column("fixed_as_reported", "text"),
        Column("is_foreign", "boolean"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the promised investment."""
        yield _promised(fact.payload)

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give what was promised after each revision."""
        for fact, whole, _ in signings(facts):
            if fact.kind == REVISION:
                yield Derivation(fact, str(fact.project), (_promised(whole),))


def _promised(payload: Mapping[str, object]) -> tuple[object, ...]:
    """Give the columns of a promise."""
    return (
        text(payload, "agreement_no"),
        yuan(payload, "total_investment"),
        as_reported(payload, "total_investment"),
        yuan(payload, "fixed_asset_investment"),
        as_reported(payload, "fixed_asset_investment"),
        flag(payload, "is_foreign"),
    )


VIEW = Signings()
