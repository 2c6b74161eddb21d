"""Plant Zhangjiagang's year 2024: 222 projects on the lists, and those outside them.

Published: 222 implementing projects, 110 of them new and all started, with 383.0 亿元 planned (the
value that the printed 124.2 % leaves) and 475.7 done; 5 provincial ones with 58.03 and 82.4; 48 of
Suzhou's list with 206.0 and 292.1; 53 put into operation; 16 land-and-start. The lists are nested:
who is on a higher one is on the lower ones too, with the same plan.
"""

from dataclasses import dataclass
from datetime import date

from server.demonstration.admissions import LISTED, STARTED, admit
from server.demonstration.book import Book
from server.demonstration.days import as_month, next_working
from server.demonstration.exceptions import outside_the_lists
from server.demonstration.finance import link_to_banks
from server.demonstration.investments import Year, report_year
from server.demonstration.listings import Entry, MajorList, enter, publish, replan
from server.demonstration.named_projects import HANS_LASER, ZHANGJIAGANG, hans_laser
from server.demonstration.numbers import sizes, split
from server.demonstration.operation import operate_in_zhangjiagang
from server.demonstration.pools import fill_pools
from server.demonstration.portfolio import Portfolio
from server.demonstration.rankings import publish_in_zhangjiagang
from server.demonstration.reviews import meet_by_month, raise_issues
from server.demonstration.service import serve_in_zhangjiagang
from server.demonstration.started import EARLY, LATE, OF_2022, begin, finish, go_on
from server.demonstration.story import Story
from server.demonstration.zhangjiagang_past import list_the_past, report_before

PLANS = (580_300, 1_479_700, 1_770_000)
"""万元 planned: on the provincial list, besides on Suzhou's, besides on the city's own."""
ACTUALS = (824_000, 2_097_000, 1_836_000)
"""万元 done, in the same order."""
NEW = ((2, 2), (20, 2), (88, 22))
CONTINUING = ((3, 3), (23, 2), (86, 5))
"""Places on the lists in the same order: as published, and in the smallest portfolio."""
USUAL = (90_000, 34_000, 10_000)
"""The usual annual plan of a project of the level, in 万元."""
COMMISSIONED = (53, 6)
AT_ONCE = 5
"""How many of the new ones that were admitted before 2024 are land-and-start."""
REPLANNED_EVERY = 29
"""One in so many entries of the city's own list had its annual plan changed in the year."""
YEAR_OF_LISTS = 2024
SLIPPING = 11
"""The month that one project reports in the wrong unit in every portfolio."""
DECIDED = date(2023, 12, 29)

LISTS = (
    MajorList("provincial", "320000", 2024, DECIDED),
    MajorList("prefecture", "320500", 2024, DECIDED),
    MajorList("municipal", ZHANGJIAGANG, 2024, DECIDED),
)
MUNICIPAL = LISTS[-1]
COHORT = ((30, 2), (20, 2))
"""Of the continuing, new starts of 2022: those in operation by the end of 2024, and others."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the 222 places on the lists: its highest level, its class, plan and actual."""

    level: int
    new: bool
    plan: int
    actual: int


def zhangjiagang(portfolio: Portfolio) -> Book:
    """Write the book of Zhangjiagang."""
    book = Book(f"{portfolio.seed}/zhangjiagang", ZHANGJIAGANG, noise=portfolio.noise)
    for major in LISTS:
        publish(book, major)
    admitted = admit(book)
    places = _places(book, portfolio, admitted[:STARTED])
    new = [place for place in places if place.new]
    begun = []
    for story, place in zip(admitted, new[-STARTED:], strict=False):
        _list_and_report(story, place, decided=next_working(story.days["AdmissionDecided"], 2))
        begun.append(story)
    for story in admitted[STARTED:LISTED]:
        decided = next_working(story.days["AdmissionDecided"], book.random.randint(2, 8))
        enter(story, MUNICIPAL, Entry(kind="reserve", plan=0, decided_on=decided))
    others = new[:-STARTED]
    at_once = {len(others) * (2 * turn + 1) // (2 * AT_ONCE) for turn in range(AT_ONCE)}
    for index, place in enumerate(others):
        total = int(place.actual * book.random.uniform(1.3, 3.2))
        story = begin(book, total, at_once=index in at_once)
        _list_and_report(story, place, decided=DECIDED)
        begun.append(story)
    continuing = _continuing(book, portfolio, [place for place in places if not place.new])
    outside_the_lists(book, MUNICIPAL)
    operate_in_zhangjiagang(book)
    link_to_banks(portfolio, continuing, begun)
    serve_in_zhangjiagang(book, portfolio, [*continuing, *begun])
    issues = raise_issues(book, portfolio, [*continuing, *begun])
    meet_by_month(book, issues, YEAR_OF_LISTS)
    fill_pools(book, [*continuing, *begun])
    book.closings.append(publish_in_zhangjiagang)
    return book


def _places(book: Book, portfolio: Portfolio, admitted: list[Story]) -> list[Place]:
    """Share the planned and the done investment of each level among its places."""
    places: list[Place] = []
    for level, counts in enumerate(zip(NEW, CONTINUING, strict=True)):
        new, continuing = (portfolio.count(*count) for count in counts)
        weights = [USUAL[level] * size for size in sizes(book.random, new + continuing, 0.5)]
        if level == LISTS.index(MUNICIPAL):
            # The admitted of the year come last among the new; their size is already told.
            weights[new - len(admitted) : new] = [story.total_wan * 0.33 for story in admitted]
        plans = split(PLANS[level], weights)
        actuals = split(ACTUALS[level], [plan * book.random.uniform(0.88, 1.12) for plan in plans])
        places += [
            Place(level, index < new, plan, actual)
            for index, (plan, actual) in enumerate(zip(plans, actuals, strict=True))
        ]
    return places


def _continuing(book: Book, portfolio: Portfolio, places: list[Place]) -> list[Story]:
    """Tell the projects under construction since before 2024; the first place is Han's Laser's."""
    commissioned = portfolio.count(*COMMISSIONED)
    operating, others = (portfolio.count(*count) for count in COHORT)
    story = hans_laser(book)
    stories, cohort = [story], []
    _list_and_report(story, places[0], decided=DECIDED, before=HANS_LASER.total_wan // 2)
    for index, place in enumerate(places[1:], start=1):
        before = int(place.actual * book.random.uniform(0.5, 1.6))
        finished = index < commissioned
        remaining = 1.05 if finished else book.random.uniform(1.3, 2.2)
        of_2022 = index <= operating or 0 <= index - commissioned < others
        awarded_in = OF_2022 if of_2022 else EARLY if finished else LATE
        total = int((before + place.actual) * remaining)
        story = go_on(book, total, awarded_in, finished=finished)
        if finished:
            finish(story)
        report_before(story, before)
        slipping = SLIPPING if index == 1 else None
        _list_and_report(story, place, decided=DECIDED, before=before, slipping=slipping)
        stories.append(story)
        if of_2022:
            cohort.append(story)
    list_the_past(book, portfolio, stories, cohort)
    return stories


def _list_and_report(
    story: Story,
    place: Place,
    *,
    decided: date,
    before: int = 0,
    slipping: int | None = None,
) -> None:
    """Put a project on its list and those below, and report its year."""
    started = story.days["ConstructionStarted"]
    own = place.level == LISTS.index(MUNICIPAL)
    replanned = own and story.book.serial("municipal") % REPLANNED_EVERY == 0
    entry = Entry(
        kind="new" if place.new else "continuing",
        plan=place.plan * 4 // 5 if replanned else place.plan,
        decided_on=decided,
        planned_start=as_month(started) if place.new else None,
        planned_completion=None if place.new else "2025",
    )
    for major in LISTS[place.level :]:
        enter(story, major, entry)
    if replanned:
        replan(story, MUNICIPAL, date(2024, 7, 15), place.plan)
    reported_from, enrolled_from = 1, 1
    if place.new:
        # What a project is reported to have done follows its listing by a month at least.
        reported_from = started.month + (as_month(decided) == as_month(started))
        enrolled_from = max(reported_from, story.days["StatisticsEnrolled"].month)
    report_year(
        story,
        Year(
            year=2024,
            actual=place.actual,
            reported_from=reported_from,
            enrolled_from=enrolled_from,
            before=before,
            monthly=not own,
            slipping=slipping,
        ),
    )
