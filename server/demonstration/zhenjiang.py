"""Invent Zhenjiang's planned starts of 2025, so that its two targets can be followed by month.

Published are only the targets: of the municipal projects 85 % started by the end of June and all
by the end of September, of the provincial ones all by the end of June. Every project is invented:
180 planned starts, 155 of them kept by the end of June, the rest by the end of September.
"""

from datetime import date

from server.demonstration.book import Book
from server.demonstration.building import award, deliver, enrol, permit, start
from server.demonstration.days import (
    as_half,
    as_month,
    as_quarter,
    between,
    later,
    month_end,
    next_working,
    working,
)
from server.demonstration.invention import profile
from server.demonstration.investments import Year, report_year
from server.demonstration.listings import Entry, MajorList, enter, publish
from server.demonstration.operation import operate_in_zhenjiang
from server.demonstration.story import Story
from server.demonstration.terms import Terms, usual_terms

DISTRICTS = ("321102", "321111", "321112", "321181", "321182", "321183")
PLANNED = date(2024, 12, 18)
PUBLISHED = date(2024, 12, 30)
PROVINCIAL = MajorList("provincial", "320000", 2025, PUBLISHED)
MUNICIPAL = MajorList("municipal", "3211", 2025, PUBLISHED)
BY_JUNE = (9, 14, 27, 30, 32, 43)
"""Starts of January to June: 155."""
BY_SEPTEMBER = (9, 9, 7)
"""Starts of July to September: 25."""
PROVINCIAL_STARTS = 8
PROVINCIAL_EVERY = 19
REPORTING = 30
"""How many of them report their investment and their enrolment in the demonstration."""
COARSE_EVERY = 11
LAST_REPORT = 10
"""The month with which the reports of 2025 end."""


def zhenjiang(seed: int) -> Book:
    """Write the book of Zhenjiang."""
    book = Book(f"{seed}/zhenjiang", "3211")
    for major in (PROVINCIAL, MUNICIPAL):
        publish(book, major)
    index = 0
    for month, starts in enumerate((*BY_JUNE, *BY_SEPTEMBER), start=1):
        for _ in range(starts):
            first = date(2025, 1, 6) if month == 1 else date(2025, month, 1)
            started = between(book.random, first, month_end(2025, month))
            _project(book, index, started)
            index += 1
    operate_in_zhenjiang(book)
    return book


def _project(book: Book, index: int, started: date) -> None:
    """Tell one planned start."""
    random = book.random
    permitted = working(later(started, -random.randint(6, 22)))
    awarded = working(later(permitted, -random.randint(24, 45)))
    story, terms = _admitted(book, DISTRICTS[index % len(DISTRICTS)], awarded)
    plan = int(story.total_wan * random.uniform(0.25, 0.45))
    entry = Entry(kind="new", plan=plan, decided_on=PUBLISHED, planned_start=as_month(started))
    provincial = index < PROVINCIAL_EVERY * PROVINCIAL_STARTS and not index % PROVINCIAL_EVERY
    for major in (PROVINCIAL, MUNICIPAL) if provincial else (MUNICIPAL,):
        enter(story, major, entry)
    planned = as_quarter(started) if index % 3 else as_month(started)
    story.plan(PLANNED, "construction_started", planned)
    parcel = award(story, awarded, terms.supply)
    permit(story, permitted, "construction_permit")
    if index % COARSE_EVERY == 0 and as_month(permitted) < as_month(started):
        start(story, month_end(started.year, started.month), text=as_month(started))
    else:
        start(story, started)
    if index < REPORTING:
        deliver(story, next_working(awarded, 3), parcel)
        story.plan(next_working(awarded), "commissioned", as_half(later(started, 450)))
        _report(story, plan)


def _admitted(book: Book, district: str, awarded: date) -> tuple[Story, Terms]:
    """Tell an invented project up to its admission in 2024."""
    random = book.random
    total = random.randint(10_500, 45_000)
    terms = usual_terms(random, total)
    admitted = working(min(later(awarded, -random.randint(30, 60)), date(2024, 12, 10)))
    submitted = working(later(admitted, -random.randint(8, 20)))
    signed = working(later(submitted, -random.randint(10, 40)))
    registered = working(later(signed, -random.randint(22, 90)))
    story = Story(book, profile(random, district, book.serial("project")), total, registered)
    story.open(land_tenths=terms.demand)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.assign_code(next_working(signed, 2))
    story.assess(submitted, admitted, terms)
    return story, terms


def _report(story: Story, plan: int) -> None:
    """Enrol the project and report its investment of 2025 by quarter."""
    enrolled = next_working(story.days["ConstructionStarted"], story.book.random.randint(2, 8))
    enrol(story, enrolled)
    report_year(
        story,
        Year(
            year=2025,
            actual=int(plan * story.book.random.uniform(0.9, 1.2)),
            reported_from=enrolled.month,
            enrolled_from=enrolled.month,
            monthly=False,
            through=LAST_REPORT,
        ),
    )
