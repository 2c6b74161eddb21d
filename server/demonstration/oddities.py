"""Choose the exceptions of ordinary projects, at most one each, and odd days."""

from datetime import date
from enum import Enum

from server.demonstration.book import Book
from server.demonstration.days import later, working
from server.demonstration.story import Story


class Oddity(Enum):
    """What is unusual about one ordinary project."""

    RECODED = "a second code in place of the first"
    TWO_PLOTS = "two plots of land"
    SUSPENDED = "works that stop over the turn of a year"
    AT_ONCE = "permits within a working day of the land"
    EARLY_START = "a start before the permit, which breaks a rule"


HARMLESS = (Oddity.RECODED, Oddity.TWO_PLOTS, Oddity.SUSPENDED)

TURNS = ((12, 31), (1, 1), (10, 1), (6, 30), (9, 30))
"""Year ends, holidays and ends of quarters."""
MAKE_UP = (date(2023, 10, 7), date(2024, 2, 4), date(2024, 9, 14), date(2025, 1, 26))
"""Saturdays and Sundays on which people worked instead of another day."""
NEAR_DAYS = 20


def oddity(book: Book, *, breaking: bool) -> Oddity | None:
    """Draw what is unusual about a project, if anything."""
    if book.random.random() >= book.noise.exceptions:
        return None
    return book.random.choice(tuple(Oddity) if breaking else HARMLESS)


def boundary(book: Book, day: date) -> date:
    """Move a day to a turn of the calendar that comes soon after it, now and then."""
    if book.random.random() >= book.noise.boundaries:
        return day
    turns = [*MAKE_UP, *(date(day.year, month, number) for month, number in TURNS)]
    near = [turn for turn in turns if 0 <= (turn - day).days <= NEAR_DAYS]
    return min(near, default=day)


def interrupt(story: Story, started: date, until: date) -> None:
    """Stop the works over the turn of the year, if they began early enough to be stopped."""
    stopped = working(date(started.year, 11, 18))
    resumed = working(date(started.year + 1, 3, 10))
    if later(started, 30) < stopped and resumed < until:
        story.tell(
            "ProjectSuspended",
            stopped,
            {
                "scope": "project",
                "reason_code": "funding",
                "expected_resume": f"{started.year + 1}-Q1",
            },
        )
        story.tell("ProjectResumed", resumed, {"scope": "project"})
