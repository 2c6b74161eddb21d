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
from server.demonstration.investments import Year, report_year
from server.demonstration.listings import Entry, MajorList, enter, publish, replan
from server.demonstration.named_projects import HANS_LASER, ZHANGJIAGANG, hans_laser
from server.demonstration.numbers import sizes, split
from server.demonstration.operation import operate_in_zhangjiagang
from server.demonstration.started import begin, finish, go_on
from server.demonstration.story import Story

PLANS = (580_300, 1_479_700, 1_770_000)
"""万元 planned: on the provincial list, besides on Suzhou's, besides on the city's own."""
ACTUALS = (824_000, 2_097_000, 1_836_000)
"""万元 done, in the same order."""
NEW = (2, 20, 88)
CONTINUING = (3, 23, 86)
USUAL = (90_000, 34_000, 10_000)
"""The usual annual plan of a project of the level, in 万元."""
COMMISSIONED = 53
AT_ONCE = frozenset({3, 21, 40, 58, 77})
"""Which of the new ones that were admitted before 2024 are land-and-start."""
REPLANNED_EVERY = 29
"""One in so many entries of the city's own list had its annual plan changed in the year."""
DECIDED = date(2023, 12, 29)

LISTS = (
    MajorList("provincial", "320000", 2024, DECIDED),
    MajorList("prefecture", "320500", 2024, DECIDED),
    MajorList("municipal", ZHANGJIAGANG, 2024, DECIDED),
)
MUNICIPAL = LISTS[-1]
EARLIER_LISTS = (
    MajorList("provincial", "320000", 2022, date(2022, 2, 14)),
    MajorList("provincial", "320000", 2023, date(2023, 2, 10)),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the 222 places on the lists: its highest level, its class, plan and actual."""

    level: int
    new: bool
    plan: int
    actual: int


def zhangjiagang(seed: int) -> Book:
    """Write the book of Zhangjiagang."""
    book = Book(f"{seed}/zhangjiagang", ZHANGJIAGANG)
    for major in (*EARLIER_LISTS, *LISTS):
        publish(book, major)
    admitted = admit(book)
    places = _places(book, admitted[:STARTED])
    new = [place for place in places if place.new]
    for story, place in zip(admitted, new[-STARTED:], strict=False):
        _list_and_report(story, place, decided=next_working(story.days["AdmissionDecided"], 2))
    for story in admitted[STARTED:LISTED]:
        decided = next_working(story.days["AdmissionDecided"], book.random.randint(2, 8))
        enter(story, MUNICIPAL, Entry(kind="reserve", plan=0, decided_on=decided))
    for index, place in enumerate(new[:-STARTED]):
        total = int(place.actual * book.random.uniform(1.3, 3.2))
        story = begin(book, total, at_once=index in AT_ONCE)
        _list_and_report(story, place, decided=DECIDED)
    _continuing(book, [place for place in places if not place.new])
    outside_the_lists(book, MUNICIPAL)
    operate_in_zhangjiagang(book)
    return book


def _places(book: Book, admitted: list[Story]) -> list[Place]:
    """Share the planned and the done investment of each level among its places."""
    places: list[Place] = []
    for level, (new, continuing) in enumerate(zip(NEW, CONTINUING, strict=True)):
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


def _continuing(book: Book, places: list[Place]) -> None:
    """Tell the projects under construction since before 2024; the first place is Han's Laser's."""
    story = hans_laser(book)
    for major, kind in zip(EARLIER_LISTS, ("new", "continuing"), strict=True):
        entry = Entry(kind=kind, plan=180_000, decided_on=major.published_on)
        enter(story, major, entry)
    _list_and_report(story, places[0], decided=DECIDED, before=HANS_LASER.total_wan // 2)
    for index, place in enumerate(places[1:], start=1):
        before = int(place.actual * book.random.uniform(0.5, 1.6))
        early = index < COMMISSIONED
        remaining = 1.05 if early else book.random.uniform(1.3, 2.2)
        story = go_on(book, int((before + place.actual) * remaining), early=early)
        if early:
            finish(story)
        _list_and_report(story, place, decided=DECIDED, before=before)


def _list_and_report(story: Story, place: Place, *, decided: date, before: int = 0) -> None:
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
        ),
    )
