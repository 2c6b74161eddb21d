"""Tell invented projects of Zhangjiagang that were admitted before 2024 and are being built."""

from datetime import date

from server.demonstration.book import Book
from server.demonstration.building import (
    accept,
    build_at_once,
    build_by_steps,
    commission,
    enrol,
    start,
)
from server.demonstration.days import (
    as_half,
    as_month,
    between,
    later,
    month_end,
    next_working,
    working,
)
from server.demonstration.invention import profile
from server.demonstration.story import Story
from server.demonstration.terms import Terms, usual_terms

YEAR_END = date(2024, 12, 31)
Span = tuple[date, date]
EARLY: Span = (date(2021, 10, 8), date(2022, 10, 31))
OF_2022: Span = (date(2022, 1, 10), date(2022, 8, 31))
"""Who gets land in these days begins within 2022."""
LATE: Span = (date(2022, 6, 1), date(2023, 7, 31))
TRIED = 0.3
"""The share of plants that produce on trial before they go into operation."""
COARSE = 0.12
"""The share of starts and commissionings that are known by their month only."""


def begin(book: Book, total_wan: int, *, at_once: bool) -> Story:
    """Tell a project whose works start in 2024."""
    random = book.random
    story, terms = promise(book, total_wan)
    if at_once:
        awarded = between(random, date(2024, 2, 20), date(2024, 11, 15))
        pass_review(story, terms, awarded)
        build_at_once(story, awarded, terms.supply)
        started = next_working(awarded, random.randint(2, 12))
    else:
        awarded = between(random, date(2023, 11, 20), date(2024, 9, 20))
        permitted = next_working(later(awarded, random.randint(24, 62)))
        pass_review(story, terms, awarded)
        build_by_steps(story, awarded, permitted, terms.supply)
        started = next_working(permitted, random.randint(1, 24))
        if started < date(2024, 1, 8):
            started = between(random, date(2024, 1, 8), date(2024, 2, 5))
    planned = later(started, random.randint(-12, 30))
    story.plan(next_working(awarded), "construction_started", planned.isoformat())
    story.plan(next_working(awarded), "commissioned", as_half(later(started, 500)))
    _start(story, started, last=YEAR_END, coarse=not at_once)
    return story


def go_on(book: Book, total_wan: int, awarded_in: Span, *, finished: bool) -> Story:
    """Tell a project that got its land in a span and was under construction when 2024 began."""
    random = book.random
    story, terms = promise(book, total_wan)
    awarded = between(random, *awarded_in)
    permitted = next_working(later(awarded, random.randint(24, 62)))
    pass_review(story, terms, awarded)
    build_by_steps(story, awarded, permitted, terms.supply)
    started = next_working(permitted, random.randint(1, 24))
    _start(story, started, last=date(2023, 12, 29), coarse=True)
    if not finished:
        planned = later(started, random.randint(560, 900))
        story.plan(next_working(started, 5), "commissioned", month_end_text(planned))
    return story


def finish(story: Story) -> None:
    """Accept the works and put the plant into operation in 2024."""
    random = story.book.random
    commissioned = between(random, date(2024, 1, 15), date(2024, 12, 20))
    accepted = working(later(commissioned, -random.randint(8, 40)))
    planned = later(commissioned, random.randint(-20, 60))
    story.plan(next_working(story.days["ConstructionStarted"], 5), "commissioned", str(planned))
    seen = next_working(story.days["ConstructionStarted"], random.randint(100, 160))
    if seen < accepted:
        topped = {"percent": str(random.randint(55, 90)), "element": "topping-out"}
        story.tell("PhysicalProgressReported", seen, topped, evidence="形象进度照片")
    accept(story, accepted)
    if random.random() < TRIED:
        story.tell("TrialProductionStarted", working(later(accepted, 1), commissioned), {})
    commission(story, commissioned)


def month_end_text(day: date) -> str:
    """Write the last day of a day's month."""
    return month_end(day.year, day.month).isoformat()


def promise(book: Book, total_wan: int, stream: str | None = None) -> tuple[Story, Terms]:
    """Invent a project and its terms; its registration waits for its signing date."""
    invented = profile(book, book.region)
    story = Story(book, invented, total_wan, date.max, stream=stream)
    return story, usual_terms(book.random, total_wan)


def pass_review(story: Story, terms: Terms, awarded: date) -> None:
    """Tell everything up to an admission before the award and before 2024."""
    random = story.book.random
    admitted = min(later(awarded, -random.randint(40, 90)), date(2023, 12, 8))
    admitted = working(admitted)
    submitted = working(later(admitted, -random.randint(12, 25)))
    signed = working(later(submitted, -random.randint(14, 40)))
    story.registered_on = working(later(signed, -random.randint(24, 120)))
    story.open(land_tenths=terms.demand)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.approve(next_working(signed, random.randint(1, 2)))
    story.assess(submitted, admitted, terms)


def _start(story: Story, started: date, *, last: date, coarse: bool) -> None:
    """Start and enrol; a coarse start leaves its whole month after the permit."""
    random = story.book.random
    month_over = month_end(started.year, started.month)
    permitted = story.days["PermitIssued"]
    if coarse and random.random() < COARSE and as_month(permitted) < as_month(started):
        start(story, month_over, text=as_month(started))
        enrolled = next_working(month_over, random.randint(1, 10))
    else:
        start(story, started)
        enrolled = next_working(started, random.randint(2, 10))
    enrol(story, min(enrolled, last))
