"""Tell Zhangjiagang's lists of 2022 and 2023, and those of their projects that are finished.

Published for 2023: 222 municipal projects with 367 亿元 planned, 5 provincial ones, 41 of Suzhou.
That 2024 has 222 again is chance: other projects stand on its list. The new starts of 2022 are
followed to their operation; their number is invented, as is every project.
"""

from datetime import date

from server.demonstration.book import Book
from server.demonstration.days import month_end, next_working
from server.demonstration.listings import Entry, MajorList, enter, publish
from server.demonstration.money import in_wan
from server.demonstration.numbers import sizes, split
from server.demonstration.ordinary import Window, live
from server.demonstration.portfolio import ZHANGJIAGANG, Portfolio
from server.demonstration.story import Story

LISTS_2021 = (MajorList("municipal", ZHANGJIAGANG, 2021, date(2021, 2, 19)),)
LISTS_2022 = (
    MajorList("provincial", "320000", 2022, date(2022, 2, 14)),
    MajorList("municipal", ZHANGJIAGANG, 2022, date(2022, 2, 14)),
)
LISTS_2023 = (
    MajorList("provincial", "320000", 2023, date(2023, 2, 10)),
    MajorList("prefecture", "320500", 2023, date(2023, 2, 10)),
    MajorList("municipal", ZHANGJIAGANG, 2023, date(2023, 2, 10)),
)
FINISHED, NEW_2022 = (110, 6), (59, 3)
"""Projects that went into operation in 2023; of them the new starts of 2022."""
PROVINCIAL, PREFECTURE = (5, 2), (41, 4)
PLAN_2023 = 3_670_000

STARTED_2022 = Window(
    signed=(date(2021, 6, 7), date(2022, 1, 21)),
    started=(date(2022, 2, 10), date(2022, 11, 30)),
    until=date(2023, 12, 29),
    reaches=(0, 0, 0, 0, 0, 1),
    commissioned=(date(2023, 2, 6), date(2023, 12, 22)),
)
STARTED_2021 = Window(
    signed=(date(2020, 9, 7), date(2021, 3, 31)),
    started=(date(2021, 5, 10), date(2021, 11, 30)),
    until=date(2023, 12, 29),
    reaches=(0, 0, 0, 0, 0, 1),
    commissioned=(date(2023, 1, 9), date(2023, 12, 22)),
)


def list_the_past(
    book: Book, portfolio: Portfolio, going_on: list[Story], cohort: list[Story]
) -> None:
    """Publish both lists and fill them: with the finished, and with those that are still built.

    `cohort` names those of the latter that were new starts of 2022; the first of `going_on` has a
    place on every list.
    """
    for major in (*LISTS_2021, *LISTS_2022, *LISTS_2023):
        publish(book, major)
    finished = _finished(book, portfolio)
    for story in cohort:
        _enter(story, LISTS_2022[1:], "new", 20_000)
    _enter(going_on[0], LISTS_2022[:1], "new", 180_000)
    stories = [*going_on, *finished]
    plans = split(PLAN_2023, sizes(book.random, len(stories), 0.5))
    provincial, prefecture = portfolio.count(*PROVINCIAL), portfolio.count(*PREFECTURE)
    for index, (story, plan) in enumerate(zip(stories, plans, strict=True)):
        skipped = 0 if index < provincial else 1 if index < prefecture else 2
        began = story.days["ConstructionStarted"].year
        _enter(
            story,
            LISTS_2023[skipped:],
            "new" if began == LISTS_2023[0].year else "continuing",
            plan,
        )


def _enter(story: Story, majors: tuple[MajorList, ...], kind: str, plan: int) -> None:
    """Put a project on lists."""
    for major in majors:
        enter(story, major, Entry(kind=kind, plan=plan, decided_on=major.published_on))


def _finished(book: Book, portfolio: Portfolio) -> list[Story]:
    """Tell those that went into operation in 2023, the new starts of 2022 and then older ones."""
    new = portfolio.count(*NEW_2022)
    stories = []
    for index in range(portfolio.count(*FINISHED)):
        is_new = index < new
        story = live(book, (ZHANGJIAGANG,), STARTED_2022 if is_new else STARTED_2021)
        if not is_new:
            decided = next_working(story.days["AdmissionDecided"], 3)
            enter(story, LISTS_2021[0], Entry(kind="new", plan=15_000, decided_on=decided))
        _enter(story, LISTS_2022[1:], "new" if is_new else "continuing", story.total_wan // 3)
        stories.append(story)
    return stories


def report_before(story: Story, done: int) -> None:
    """Report what was done in 2023, on both bases, at the year's end."""
    ended = month_end(2023, 12)
    for basis, system in (("statistical", "statistics"), ("reported", "dispatch")):
        story.tell(
            "InvestmentReported",
            ended,
            {
                "basis": basis,
                "ytd": in_wan(done),
                "cumulative": in_wan(done),
                "method": "progress" if basis == "reported" else "financial",
            },
            text="2023-12",
            told_on=date(2024, 1, story.book.random.randint(6, 25)),
            system=system,
        )
