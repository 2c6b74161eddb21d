"""The entries of projects on major project lists, and every change of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.splits import LISTING_KINDS, SPLIT, EntryChange, concerned, entry_changes
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import as_reported, text, yuan
from projections.folding.projection import BELIEF, Column


class Listings(DerivedView):
    """One row a listing or an amendment of it (列入清单, 清单调整), and what splits (打包/拆分) do.

    `act` is `listed` for a listing, else what the amendment did: add, remove, reclassify or replan.
    A column is null where the fact leaves the matter as it was. What a split does to an entry
    holds only for lists of its own year, which is then in `only_year`.
    """

    name = "listings"
    version = 2
    kinds = LISTING_KINDS
    deriving = frozenset({SPLIT})
    reading = LISTING_KINDS | {SPLIT}
    columns: ClassVar[tuple[Column, ...]] = (
        Column("list_id", 'text COLLATE "C" NOT NULL'),
        Column("act", "text NOT NULL"),
        Column("class", "text"),
        Column("annual_plan", "bigint"),
        Column("plan_as_reported", "text"),
        Column("planned_start", "text"),
        Column("planned_completion", "text"),
        Column("only_year", "integer"),
    )
    indexes = ("(list_id, project)", *BELIEF)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what the fact says about the entry."""
        payload = fact.payload
        yield (
            text(payload, "list_id"),
            "listed" if fact.kind == "ProjectListed" else text(payload, "act"),
            text(payload, "class"),
            yuan(payload, "annual_plan"),
            as_reported(payload, "annual_plan"),
            text(payload, "planned_start"),
            text(payload, "planned_completion"),
            None,
        )

    def concerned(self, fact: Fact) -> Iterable[str]:
        """Name the projects that a split is about, and the one it was recorded for."""
        return dict.fromkeys([*concerned(fact), *filter(None, [fact.project])])

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give what each split does to the entries of its projects."""
        done: dict[tuple[str, str], list[EntryChange]] = defaultdict(list)
        for change in entry_changes(facts):
            if change.fact.kind == SPLIT:
                done[change.fact.id, change.project].append(change)
        for changes in done.values():
            fact = changes[0].fact
            year = fact.occurred_on.latest.year
            rows = tuple(
                (each.list_id, each.act, each.list_class, each.plan, None, None, None, year)
                for each in changes
            )
            yield Derivation(fact, changes[0].project, rows)


VIEW = Listings()
