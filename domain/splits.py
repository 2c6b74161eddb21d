"""Bundling and splitting: what projects had together stays together, whoever has it afterwards.

On every list of the year on which projects stood that were split or merged, their plan passes to
those that came of it, in the shares that were allocated; so do the investments reported before.
Shares that do not add up to the plan are scaled, so that no total changes by a split.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.fact import Fact

SPLIT: Final = "ProjectSplitOrMerged"
LISTING_KINDS: Final = frozenset({"ProjectListed", "ListingAmended"})
_MEMBERSHIP: Final = frozenset({"listed", "add", "remove"})


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What a fact says about a project's entry on a list; None leaves a matter as it was."""

    fact: Fact
    project: str
    list_id: str
    act: str
    list_class: str | None
    plan: int | None


@dataclass(frozen=True, slots=True)
class YearToDate:
    """What passed to a project of the investment that was reported for a month."""

    fact: Fact
    project: str
    basis: str
    month: Fact
    ytd: int


def shared(total: int, allocation: Mapping[str, int]) -> dict[str, int]:
    """Share a total out in the proportion of an allocation, to the last yuan.

    What rounding leaves goes to those who lost most by it, the first named first. Without any
    proportion the first named has it all.
    """
    whole = sum(allocation.values())
    if whole == 0:
        return {name: total if place == 0 else 0 for place, name in enumerate(allocation)}
    shares = {name: total * part // whole for name, part in allocation.items()}
    lost = sorted(allocation, key=lambda name: -(total * allocation[name] % whole))
    for name in lost[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def allocation_of(fact: Fact) -> dict[str, int]:
    """Give the yuan allocated to each project that a split or merger leads to, in their order.

    A merger may name the shares of those that were merged; they belong to the one they became.
    """
    given = {project: int(money["yuan"]) for project, money in fact.payload["allocation"].items()}
    results = fact.payload["to"]
    if set(given) != set(results):
        return {results[0]: sum(given.values())}
    return {project: given[project] for project in results}


def renamed(payload: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, Any]:
    """Name in a split or merger the projects that are kept for those it named when it was recorded.

    What was allocated to two that became one is allocated to that one.
    """
    sides = {
        side: [*dict.fromkeys(kept.get(project, project) for project in payload[side])]
        for side in ("from", "to")
    }
    allocation: dict[str, dict[str, Any]] = {}
    for project, money in payload["allocation"].items():
        name = kept.get(project, project)
        before = allocation.get(name)
        added = None if before is None else {"yuan": before["yuan"] + money["yuan"]}
        allocation[name] = money if added is None else added
    return {**payload, **sides, "allocation": allocation}


def concerned(fact: Fact) -> tuple[str, ...]:
    """Name the projects that a split or merger is about."""
    return tuple(dict.fromkeys([*fact.payload["from"], *fact.payload["to"]]))


def entry_changes(facts: Iterable[Fact]) -> list[EntryChange]:
    """Give what listings and splits, in fold order, say about entries.

    A split says something about every list on which one of its projects surely stood before.
    """
    found: list[EntryChange] = []
    for fact in facts:
        if fact.kind in LISTING_KINDS:
            found.append(_said(fact))
        elif fact.kind == SPLIT:
            latest = fact.occurred_on.latest
            found += _passed_on(fact, [c for c in found if c.fact.occurred_on.latest <= latest])
    return found


def _said(fact: Fact) -> EntryChange:
    """Read what one listing, or one amendment of it, says."""
    plan = fact.payload.get("annual_plan")
    return EntryChange(
        fact=fact,
        project=str(fact.project),
        list_id=str(fact.payload["list_id"]),
        act="listed" if fact.kind == "ProjectListed" else str(fact.payload["act"]),
        list_class=fact.payload.get("class"),
        plan=None if plan is None else int(plan["yuan"]),
    )


@dataclass(slots=True)
class _Entry:
    """A project's entry on a list as it stands."""

    stands: bool = False
    list_class: str | None = None
    plan: int = 0


def _passed_on(fact: Fact, before: Sequence[EntryChange]) -> list[EntryChange]:
    """Give what a split does to the entries that stood before it."""
    lists: dict[str, dict[str, _Entry]] = {}
    for change in before:
        entry = lists.setdefault(change.list_id, {}).setdefault(change.project, _Entry())
        if change.act in _MEMBERSHIP:
            entry.stands = change.act != "remove"
        entry.list_class = change.list_class or entry.list_class
        entry.plan = entry.plan if change.plan is None else change.plan
    sources, results = fact.payload["from"], fact.payload["to"]
    found: list[EntryChange] = []
    for list_id, entries in sorted(lists.items()):
        standing = {name: entry for name, entry in entries.items() if entry.stands}
        given = [standing[name] for name in sources if name in standing]
        if not given:
            continue
        shares = shared(sum(entry.plan for entry in given), allocation_of(fact))
        found += [
            EntryChange(fact, name, list_id, "remove", None, None)
            for name in sources
            if name in standing and name not in results
        ]
        for name in results:
            own = standing.get(name) if name not in sources else None
            plan = shares[name] + (own.plan if own else 0)
            list_class = own.list_class if own else given[0].list_class
            found.append(EntryChange(fact, name, list_id, "add", list_class, plan))
    return found


def passed_investments(facts: Iterable[Fact]) -> list[YearToDate]:
    """Give what each split, in fold order, passes on of the investments of its year.

    Of every project that was split or merged the last report counts that surely lay before; the
    sum stands under the last month among them.
    """
    reports: list[Fact] = []
    found: list[YearToDate] = []
    for fact in facts:
        if fact.kind == "InvestmentReported":
            reports.append(fact)
        elif fact.kind == SPLIT:
            latest = fact.occurred_on.latest
            before = [
                report
                for report in reports
                if report.occurred_on.latest <= latest
                and report.occurred_on.latest.year == latest.year
            ]
            for basis in ("reported", "statistical"):
                found += _passed_ytd(fact, basis, before, found)
    return found


def _passed_ytd(
    fact: Fact, basis: str, reports: Sequence[Fact], earlier: Sequence[YearToDate]
) -> list[YearToDate]:
    """Share out on one basis what the projects had invested before a split."""
    last: dict[str, tuple[Fact, int]] = {}
    for report in reports:
        if report.payload["basis"] == basis:
            last[str(report.project)] = (report, int(report.payload["ytd"]["yuan"]))
    for passed in earlier:
        mine = last.get(passed.project)
        same_year = passed.fact.occurred_on.latest.year == fact.occurred_on.latest.year
        newer = mine is None or mine[0].order_key <= passed.month.order_key
        if passed.basis == basis and same_year and newer:
            last[passed.project] = (passed.month, passed.ytd)
    sources, results = fact.payload["from"], fact.payload["to"]
    given = [last[name] for name in sources if name in last]
    if not given:
        return []
    month = max((report for report, _ in last.values()), key=lambda report: report.order_key)
    shares = shared(sum(ytd for _, ytd in given), allocation_of(fact))
    own = {name: last[name][1] for name in results if name in last and name not in sources}
    return [
        YearToDate(fact, name, basis, month, shares[name] + own.get(name, 0)) for name in results
    ]
