"""Publish the annual lists of major projects and put projects on them."""

from dataclasses import dataclass
from datetime import date

from server.demonstration.book import Book
from server.demonstration.money import in_wan
from server.demonstration.story import Story


@dataclass(frozen=True, slots=True)
class MajorList:
    """One annual list of one level and the code of the place that publishes it."""

    level: str
    place: str
    year: int
    published_on: date

    @property
    def id(self) -> str:
        """Name the list."""
        return f"{self.place}-{self.year}-{self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How a project stands on lists: its class, its plan in 万元 and its planned dates."""

    kind: str
    plan: int
    decided_on: date
    planned_start: str | None = None
    planned_completion: str | None = None


def publish(book: Book, major: MajorList) -> None:
    """Publish a list (重大项目清单发布)."""
    book.tell(
        "MajorProjectListPublished",
        f"list/{major.id}",
        major.published_on,
        {"list_id": major.id, "year": major.year, "level": major.level, "version": "1"},
        evidence=f"{major.year}年重大项目清单",
        region=major.place,
    )


def enter(story: Story, major: MajorList, entry: Entry) -> None:
    """Put a project on a list (列入清单)."""
    data = {"list_id": major.id, "class": entry.kind, "annual_plan": in_wan(entry.plan)}
    if entry.planned_start is not None:
        data["planned_start"] = entry.planned_start
    if entry.planned_completion is not None:
        data["planned_completion"] = entry.planned_completion
    story.tell("ProjectListed", entry.decided_on, data)


def replan(story: Story, major: MajorList, on: date, plan: int) -> None:
    """Change the annual plan of an entry (清单调整)."""
    story.tell(
        "ListingAmended",
        on,
        {"list_id": major.id, "act": "replan", "annual_plan": in_wan(plan)},
        reason="年中根据建设进度调整年度计划投资",
    )


def remove(story: Story, major: MajorList, on: date) -> None:
    """Take a project off a list (清单调整: 调出)."""
    story.tell(
        "ListingAmended",
        on,
        {"list_id": major.id, "act": "remove"},
        reason="企业撤回投资，调出年度清单",
    )
