"""Tell the projects of Zhenjiang that were being built in 2024, on that year's lists and the next.

Some went into operation in the year, the others go on in 2025.
"""

from dataclasses import dataclass
from datetime import date

from domain.policies import preset
from server.demonstration.book import Book
from server.demonstration.building import build_by_steps, enrol, start
from server.demonstration.days import between, later, next_working, working
from server.demonstration.evaluations import Delivered, Judged, agree, judge
from server.demonstration.invention import profile
from server.demonstration.investments import Year, report_year
from server.demonstration.listings import Entry, MajorList, enter
from server.demonstration.numbers import sizes, split
from server.demonstration.portfolio import ZHENJIANG, Portfolio
from server.demonstration.started import finish, pass_review
from server.demonstration.story import Story
from server.demonstration.terms import usual_terms

DISTRICTS = ("321102", "321111", "321112", "321181", "321182", "321183")
DECIDED = date(2023, 12, 28)
PUBLISHED = date(2024, 12, 30)
LISTS_2024 = (
    MajorList("provincial", "320000", 2024, DECIDED),
    MajorList("municipal", ZHENJIANG, 2024, DECIDED),
)
LISTS_2025 = (
    MajorList("provincial", "320000", 2025, PUBLISHED),
    MajorList("municipal", ZHENJIANG, 2025, PUBLISHED),
)
FINISHED, CONTINUING, SLIPPED, FRESH = (60, 3), (171, 8), (79, 4), (101, 6)
"""Projects of 2024 alone; of both years; planned starts of both years; of 2025 alone."""
EVALUATED = (48, 2)
"""Of those that went into operation in 2024, how many are evaluated a year later."""
PROVINCIAL_2024, STILL_PROVINCIAL = (14, 2), (13, 1)
PLANS, ACTUALS = (625_000, 4_175_000), (822_500, 4_955_500)
"""万元 planned and done in 2024 on the provincial list and besides on the city's, all invented.

With what the slipped starts had planned they give the printed 107.0 % and 131.6 %.
"""
LAST_EVALUATION = date(2025, 12, 31)
LAST_REPORT = 10
"""The month with which the reports of 2025 end."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many projects of each group a portfolio has."""

    finished: int
    continuing: int
    slipped: int
    fresh: int

    @property
    def starts(self) -> int:
        """Count the planned starts of 2025."""
        return self.slipped + self.fresh


def counts_of(portfolio: Portfolio) -> Counts:
    """Count the groups of a portfolio."""
    groups = (FINISHED, CONTINUING, SLIPPED, FRESH)
    return Counts(*(portfolio.count(*group) for group in groups))


def under_way(book: Book, portfolio: Portfolio, plans_2025: list[int]) -> None:
    """Tell those that go on in 2025, the provincial ones first, and then those that end."""
    provincial = portfolio.count(*PROVINCIAL_2024)
    still_provincial = portfolio.count(*STILL_PROVINCIAL)
    evaluated = portfolio.count(*EVALUATED)
    groups = (provincial, len(plans_2025) - provincial + counts_of(portfolio).finished)
    for index, (plan, actual) in enumerate(_shares(book, groups)):
        goes_on = index < len(plans_2025)
        following = plans_2025[index] if goes_on else 0
        story = _built(book, DISTRICTS[index % len(DISTRICTS)], actual, following)
        entry = Entry(
            kind="continuing",
            plan=plan,
            decided_on=DECIDED,
            planned_completion=None if goes_on else "2024",
        )
        for major in LISTS_2024 if index < provincial else LISTS_2024[1:]:
            enter(story, major, entry)
        if not goes_on:
            finish(story)
            if index - len(plans_2025) < evaluated:
                _evaluate(story)
            continue
        again = Entry(kind="continuing", plan=following, decided_on=PUBLISHED)
        for major in LISTS_2025 if index < still_provincial else LISTS_2025[1:]:
            enter(story, major, again)
        report_2025(story, following, since=1)


def _shares(book: Book, groups: tuple[int, int]) -> list[tuple[int, int]]:
    """Share what was planned and done in 2024 among the projects of the two lists."""
    shares: list[tuple[int, int]] = []
    for count, planned, done in zip(groups, PLANS, ACTUALS, strict=True):
        plans = split(planned, sizes(book.random, count, 0.5))
        actuals = split(done, [plan * book.random.uniform(0.88, 1.12) for plan in plans])
        shares += zip(plans, actuals, strict=True)
    return shares


def _built(book: Book, district: str, actual: int, following: int) -> Story:
    """Tell a project that was begun before 2024 and reports what was done in it."""
    random = book.random
    before = int(actual * random.uniform(0.4, 0.9))
    total = int((before + actual + following) * random.uniform(1.1, 1.5))
    story = Story(book, profile(book, district), total, date.max)
    terms = usual_terms(random, total)
    story.terms = terms
    awarded = between(random, date(2022, 5, 9), date(2023, 6, 30))
    pass_review(story, terms, awarded)
    permitted = next_working(later(awarded, random.randint(26, 60)))
    build_by_steps(story, awarded, permitted, terms.supply)
    started = next_working(permitted, random.randint(1, 24))
    start(story, started)
    enrol(story, next_working(started, random.randint(2, 9)))
    year = Year(
        year=2024, actual=actual, reported_from=1, enrolled_from=1, before=before, each_months=3
    )
    report_year(story, year)
    return story


def _evaluate(story: Story) -> None:
    """Evaluate a plant a year after it went into operation, by the results of 2024."""
    random = story.book.random
    assert story.terms is not None
    agree(story, working(later(story.days["LandAwarded"], -8)), story.terms)
    on = min(next_working(later(story.days["Commissioned"], 366)), LAST_EVALUATION)
    intensity, tax, output = (random.randint(70, 118) for _ in range(3))
    delivered = Delivered(intensity, tax, output, random.randint(92, 112))
    policy = preset("post-evaluation/default@1")
    judge(story, story.terms, Judged(2024, "commissioning+12", on, policy, delivered))


def report_2025(story: Story, plan: int, *, since: int) -> None:
    """Report the investment of 2025 by quarter, up to October."""
    actual = int(plan * story.book.random.uniform(0.75, 0.95))
    report_year(
        story,
        Year(
            year=2025,
            actual=actual,
            reported_from=since,
            enrolled_from=since,
            each_months=3,
            through=LAST_REPORT,
        ),
    )
