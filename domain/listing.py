"""The entries of a project on annual lists, folded from listings and amendments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.fact import Fact

BROADEST_FIRST = ("district", "municipal", "prefecture", "provincial")
"""Levels of lists from the widest to the most select."""

RESERVE = "reserve"
"""The class of projects that are listed only for later years: never in a plan."""

_MEMBERSHIP = frozenset({"listed", "add", "remove"})


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry in force; `stated` is the fold order of the last fact about it."""

    list_id: str
    year: int
    level: str
    version: str
    entry_class: str | None
    annual_plan: int | None
    stated: str


def listings(facts: Iterable[Fact], lists: Iterable[Fact]) -> list[Listing]:
    """Give the entries of one project, by list id; all facts are visible on the judged day.

    `facts` are the project's, `lists` the publications of lists. An entry counts once its list is
    published, with year, level and version of the last publication in fold order. It stands unless
    the last listing, `add` or `remove` in fold order is a `remove`. Class and annual plan are each
    what the last fact that states them says.
    """
    publications = [fact for fact in lists if fact.kind == "MajorProjectListPublished"]
    published = {
        str(fact.payload["list_id"]): fact
        for fact in sorted(publications, key=lambda each: each.order_key)
    }
    told: dict[str, list[Fact]] = defaultdict(list)
    entries = [fact for fact in facts if fact.kind in {"ProjectListed", "ListingAmended"}]
    for fact in sorted(entries, key=lambda each: each.order_key):
        told[str(fact.payload["list_id"])].append(fact)
    return [
        _entry(published[list_id], told[list_id])
        for list_id in sorted(told)
        if list_id in published and _stands(told[list_id])
    ]


def annual_plan(entries: Iterable[Listing], year: int) -> int | None:
    """Give the one plan a project has in a year, however many lists it stands on.

    It is that of the entry on the widest list (district, municipal, prefecture, provincial; then
    the one stated last in fold order, then the smaller list id), reserve entries left out.
    """
    counted = [e for e in entries if e.year == year and e.entry_class != RESERVE]
    counted.sort(key=lambda entry: entry.list_id)
    counted.sort(key=lambda entry: entry.stated, reverse=True)
    counted.sort(key=lambda entry: BROADEST_FIRST.index(entry.level))
    return counted[0].annual_plan if counted else None


def _stands(told: Sequence[Fact]) -> bool:
    acts = [act for act in map(_act, told) if act in _MEMBERSHIP]
    return bool(acts) and acts[-1] != "remove"


def _act(fact: Fact) -> str:
    return "listed" if fact.kind == "ProjectListed" else str(fact.payload["act"])


def _entry(published: Fact, told: Sequence[Fact]) -> Listing:
    classes = [fact.payload["class"] for fact in told if fact.payload.get("class")]
    plans = [fact.payload["annual_plan"] for fact in told if fact.payload.get("annual_plan")]
    return Listing(
        list_id=str(published.payload["list_id"]),
        year=int(published.payload["year"]),
        level=str(published.payload["level"]),
        version=str(published.payload["version"]),
        entry_class=classes[-1] if classes else None,
        annual_plan=int(plans[-1]["yuan"]) if plans else None,
        stated=told[-1].order_key,
    )
