"""Tell ordinary projects: what most of a portfolio is, from a lead to a plant in operation.

How far a life goes is drawn; nothing happens after the last day of its window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from server.demonstration.book import Book
from server.demonstration.building import (
    accept,
    award,
    build_at_once,
    build_by_steps,
    commission,
    enrol,
    start,
)
from server.demonstration.days import as_half, as_quarter, between, later, next_working, working
from server.demonstration.evaluations import agree
from server.demonstration.invention import profile
from server.demonstration.investments import Year, report_year
from server.demonstration.oddities import Oddity, boundary, interrupt, oddity
from server.demonstration.story import Story
from server.demonstration.terms import Terms, usual_terms

AGREED = 0.2
"""The share of projects with a performance agreement."""
LAST_MONTH = 12


class Reach(IntEnum):
    """How far a project has come."""

    LEAD = 0
    SIGNED = 1
    ADMITTED = 2
    AWARDED = 3
    STARTED = 4
    COMMISSIONED = 5


Span = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When projects are signed, until when they are told, and how many of them come how far.

    `size` gives the range of their total investment in 万元; `commissioned` the days between which
    plants go into operation. `breaking` allows exceptions that break a rule. Without `reported`
    nothing is said about money.
    """

    signed: Span
    until: date
    reaches: tuple[float, ...] = (0, 0, 0, 0, 1, 0)
    size: tuple[int, int] = (10_500, 90_000)
    started: Span | None = None
    commissioned: Span | None = None
    breaking: bool = False
    reported: bool = True
    each_months: int = 3


@dataclass(slots=True)
class Life:
    """One project in its window, with the days that its later chapters hang on."""

    story: Story
    terms: Terms
    window: Window
    signed: date
    odd: Oddity | None
    awarded: date = date.max
    started: date = date.max


def live(
    book: Book, districts: Sequence[str], window: Window, *, odd: Oddity | None = None
) -> Story:
    """Tell the life of one project of one of the districts, with an exception if one is given."""
    life = _begin(book, districts, window, odd)
    (reach,) = book.random.choices(list(Reach), window.reaches)
    for goal, chapter in CHAPTERS:
        if reach < goal or not chapter(life):
            break
    return life.story


def _begin(book: Book, districts: Sequence[str], window: Window, odd: Oddity | None) -> Life:
    """Register a lead."""
    random = book.random
    least, most = window.size
    total = min(most, int(least * max(1.0, random.lognormvariate(0.55, 0.5))))
    terms = usual_terms(random, total)
    signed = between(random, *window.signed)
    registered = working(later(signed, -random.randint(24, 110)))
    story = Story(book, profile(book, random.choice(districts)), total, registered)
    story.open(land_tenths=terms.demand)
    return Life(story, terms, window, signed, odd or oddity(book, breaking=window.breaking))


def _sign(life: Life) -> bool:
    """Sign, get a code and the filing."""
    life.story.sign(life.signed, fixed_wan=life.terms.fixed_wan)
    life.story.approve(next_working(life.signed, life.story.book.random.randint(1, 2)))
    return True


def _admit(life: Life) -> bool:
    """Pass the review before landing."""
    random = life.story.book.random
    submitted = next_working(life.signed, random.randint(6, 14))
    decided = next_working(submitted, random.randint(5, 12))
    life.story.assess(submitted, decided, life.terms)
    life.awarded = next_working(decided, random.randint(14, 32))
    return life.awarded < life.window.until


def _land(life: Life) -> bool:
    """Get the land and the permits, and plan the works; say whether they begin in the window."""
    story, random, awarded = life.story, life.story.book.random, life.awarded
    if random.random() < AGREED:
        agree(story, working(later(awarded, -8)), life.terms)
    if life.odd is Oddity.RECODED:
        story.assign_code(working(later(awarded, -3)))
    life.started = _start_day(life)
    story.plan(next_working(awarded), "construction_started", _planned_start(life))
    story.plan(next_working(awarded), "commissioned", as_half(later(life.started, 520)))
    if life.odd is Oddity.AT_ONCE:
        build_at_once(story, awarded, life.terms.supply)
    elif life.started <= life.window.until:
        third = life.terms.supply // 3 if life.odd is Oddity.TWO_PLOTS else 0
        plots = (life.terms.supply - third, *([third] if third else []))
        build_by_steps(story, awarded, working(later(life.started, -random.randint(2, 12))), *plots)
    else:
        award(story, awarded, life.terms.supply)
    if life.odd is Oddity.EARLY_START:
        life.started = working(later(story.days["PermitIssued"], -9))
    return life.started <= life.window.until


def _start_day(life: Life) -> date:
    """Draw the day of the start, some months after the land."""
    first = last = later(life.awarded, 45)
    if life.window.started is not None:
        first, last = max(first, life.window.started[0]), life.window.started[1]
    last = max(last, later(first, 60))
    return boundary(life.story.book, between(life.story.book.random, first, last))


def _planned_start(life: Life) -> str:
    """Plan the start for the very day it will be, now and then; else near it, some by quarter."""
    random = life.story.book.random
    if random.random() < life.story.book.noise.boundaries:
        return life.started.isoformat()
    if random.random() < 1 / 3:
        return as_quarter(life.started)
    return later(life.started, random.randint(-15, 45)).isoformat()


def _start(life: Life) -> bool:
    """Start, enrol and report to the end of the window, or until the plant is finished."""
    story, random, window = life.story, life.story.book.random, life.window
    start(story, life.started)
    enrolled = next_working(life.started, random.randint(2, 9))
    enrol(story, max(min(enrolled, window.until), life.started))
    if life.odd is Oddity.SUSPENDED:
        interrupt(story, life.started, window.until)
    if window.reported:
        _report(life, enrolled)
    return window.commissioned is not None


def _report(life: Life, enrolled: date) -> None:
    """Report by month or by quarter, until the plant is finished or the window is over."""
    story, window, done = life.story, life.window, 0
    last = window.commissioned[1] if window.commissioned else window.until
    for year in range(enrolled.year, last.year + 1):
        first = enrolled.month if year == enrolled.year else 1
        through = LAST_MONTH if year < last.year else (later(last, 1).month - 1 or LAST_MONTH)
        if first <= through:
            actual = int((story.total_wan - done) * story.book.random.uniform(0.35, 0.6))
            report_year(
                story,
                Year(
                    year=year,
                    actual=actual,
                    reported_from=first,
                    enrolled_from=first,
                    before=done,
                    each_months=window.each_months,
                    through=through,
                ),
            )
            done += actual


def _commission(life: Life) -> bool:
    """Accept the works and put the plant into operation."""
    assert life.window.commissioned is not None
    random = life.story.book.random
    first, last = life.window.commissioned
    commissioned = between(random, min(max(first, later(life.started, 120)), last), last)
    accept(life.story, working(later(commissioned, -random.randint(8, 40))))
    commission(life.story, commissioned)
    return True


CHAPTERS: tuple[tuple[Reach, Callable[[Life], bool]], ...] = (
    (Reach.SIGNED, _sign),
    (Reach.ADMITTED, _admit),
    (Reach.AWARDED, _land),
    (Reach.STARTED, _start),
    (Reach.COMMISSIONED, _commission),
)
