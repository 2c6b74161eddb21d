"""Plant Zhenjiang's lists of 2024 and 2025, so that its rates and targets can be followed.

Published: 310 municipal projects of 2024 at 107.0 % and 14 provincial ones at 131.6 %; 351 and 21
in 2025, with a target of more than 610 亿元; of the municipal planned starts 85 % by the end of
June and all by the end of September, of the provincial ones all by the end of June. Every project
is invented, and so are the amounts behind the rates and the 180 planned starts, 155 of them kept by
the end of June. Some planned starts of 2024 slipped and are planned starts of 2025 again.
"""

from dataclasses import dataclass
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
from server.demonstration.listings import Entry, enter, publish
from server.demonstration.numbers import sizes, split
from server.demonstration.operation import operate_in_zhenjiang
from server.demonstration.portfolio import ZHENJIANG, Portfolio
from server.demonstration.reviews import meet_by_week
from server.demonstration.story import Story
from server.demonstration.terms import Terms, usual_terms
from server.demonstration.zhenjiang_works import (
    DECIDED,
    DISTRICTS,
    LISTS_2024,
    LISTS_2025,
    PUBLISHED,
    counts_of,
    report_2025,
    under_way,
)

WEEKS_OF_THE_TEAM = (date(2025, 1, 6), date(2025, 12, 26))
PLANNED = date(2024, 12, 18)
BY_JUNE = (9, 14, 27, 30, 32, 43)
"""Starts of January to June: 155."""
BY_SEPTEMBER = (9, 9, 7)
"""Starts of July to September: 25."""
PROVINCIAL_STARTS = (8, 1)
SLIPPED_PLAN = 600_000
"""万元 that had been planned for 2024 by those whose start slipped."""
PLAN_2025 = 6_105_000
PROVINCIAL_EVERY = 19
REPORTING_EVERY = 6
"""One in so many planned starts reports its investment in the demonstration."""
ONE_YI = 10_500
OUTSIDE_EVERY = 10
"""One in so many signed in 2024 lies outside the parks: of 101 projects that makes 90.1 %."""
COARSE_EVERY = 11


@dataclass(frozen=True, slots=True)
class Start:
    """A planned start of 2025: its place in the order, its day, its plans of both years in 万元.

    Those signed in 2024 are counted as `fresh`.
    """

    index: int
    on: date
    plan: int
    slipped_plan: int | None
    fresh: int = 0


def months(starts: int) -> list[int]:
    """Give the month of every planned start of 2025, as many by the end of June as planted."""
    usual = [
        month for month, count in enumerate((*BY_JUNE, *BY_SEPTEMBER), 1) for _ in range(count)
    ]
    return [usual[index * len(usual) // starts] for index in range(starts)]


def zhenjiang(portfolio: Portfolio) -> Book:
    """Write the book of Zhenjiang."""
    book = Book(f"{portfolio.seed}/zhenjiang", ZHENJIANG, noise=portfolio.noise)
    for major in (LISTS_2024[-1], *LISTS_2025):
        publish(book, major)
    counts = counts_of(portfolio)
    plans = split(PLAN_2025, sizes(book.random, counts.continuing + counts.starts, 0.5))
    under_way(book, portfolio, plans[: counts.continuing])
    provincial = portfolio.count(*PROVINCIAL_STARTS)
    for planned in _planned_starts(book, plans[counts.continuing :], counts.slipped):
        story = _planned_start(book, planned)
        if planned.index < PROVINCIAL_EVERY * provincial and not planned.index % PROVINCIAL_EVERY:
            enter(story, LISTS_2025[0], _new(planned))
    operate_in_zhenjiang(book)
    meet_by_week(book, *WEEKS_OF_THE_TEAM)
    return book


def _planned_starts(book: Book, plans: list[int], slipped: int) -> list[Start]:
    """Draw the planned starts of 2025; every other one slipped from 2024, as far as they go."""
    before = iter(split(SLIPPED_PLAN, sizes(book.random, slipped, 0.5)))
    starts = []
    for index, (month, plan) in enumerate(zip(months(len(plans)), plans, strict=True)):
        first = date(2025, 1, 6) if month == 1 else date(2025, month, 1)
        on = between(book.random, first, month_end(2025, month))
        slipped_plan = next(before, None) if index % 2 else None
        fresh = index - index // 2 if index < 2 * slipped else index - slipped
        starts.append(Start(index, on, plan, slipped_plan, fresh))
    return starts


def _new(planned: Start) -> Entry:
    """Give the entry of a planned start."""
    return Entry(
        kind="new", plan=planned.plan, decided_on=PUBLISHED, planned_start=as_month(planned.on)
    )


def _planned_start(book: Book, planned: Start) -> Story:
    """Tell one planned start."""
    random, started = book.random, planned.on
    permitted = working(later(started, -random.randint(6, 22)))
    awarded = working(later(permitted, -random.randint(24, 45)))
    admitted = min(later(awarded, -random.randint(30, 60)), date(2024, 12, 10))
    if planned.slipped_plan is not None:
        admitted = date(2023, 11, 28)
    story, terms = _admitted(book, planned, admitted)
    if planned.slipped_plan is not None:
        entry = Entry(
            kind="new", plan=planned.slipped_plan, decided_on=DECIDED, planned_start="2024-12"
        )
        enter(story, LISTS_2024[-1], entry)
    enter(story, LISTS_2025[-1], _new(planned))
    planned_for = as_quarter(started) if planned.index % 3 else as_month(started)
    story.plan(PLANNED, "construction_started", planned_for)
    parcel = award(story, awarded, terms.supply)
    permit(story, permitted, "construction_permit")
    if planned.index % COARSE_EVERY == 0 and as_month(permitted) < as_month(started):
        started = month_end(started.year, started.month)
        start(story, started, text=as_month(started))
    else:
        start(story, started)
    enrolled = next_working(started, random.randint(2, 8))
    enrol(story, enrolled)
    if planned.index % REPORTING_EVERY == 0:
        deliver(story, next_working(awarded, 3), parcel)
        story.plan(next_working(awarded), "commissioned", as_half(later(started, 450)))
        report_2025(story, planned.plan, since=enrolled.month)
    return story


def _admitted(book: Book, planned: Start, admitted: date) -> tuple[Story, Terms]:
    """Tell an invented project up to its admission."""
    random = book.random
    total = max(int(planned.plan * random.uniform(1.6, 3.4)), ONE_YI)
    is_fresh = planned.slipped_plan is None
    terms = usual_terms(random, total)
    decided = working(admitted)
    submitted = working(later(decided, -random.randint(8, 20)))
    signed = working(later(submitted, -random.randint(10, 40)))
    registered = working(later(signed, -random.randint(22, 90)))
    district = DISTRICTS[planned.index % len(DISTRICTS)]
    story = Story(book, profile(book, district), total, registered)
    in_park = not is_fresh or planned.fresh % OUTSIDE_EVERY != OUTSIDE_EVERY - 1
    story.open(land_tenths=terms.demand, in_park=in_park)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.assign_code(next_working(signed, 2))
    story.assess(submitted, decided, terms)
    return story, terms
