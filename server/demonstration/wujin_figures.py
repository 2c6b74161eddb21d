"""Tell the projects of Wujin that its published counts are about.

Everyone is enrolled in the statistics by the end of 2024, and nobody beside them.
"""

from datetime import date

from server.demonstration.book import Book
from server.demonstration.invention import BIOMEDICAL, EMERGING, TRADITIONAL, Trade
from server.demonstration.investments import Year, report_year
from server.demonstration.listings import Entry, MajorList, enter
from server.demonstration.numbers import sizes, split
from server.demonstration.oddities import Oddity
from server.demonstration.ordinary import Window, live
from server.demonstration.portfolio import USUAL, WUJIN, Portfolio
from server.demonstration.story import Story

PUBLISHED = date(2023, 12, 29)
PREFECTURE = MajorList("prefecture", "320400", 2024, PUBLISHED)
DISTRICT = MajorList("district", WUJIN, 2024, PUBLISHED)

ENROLLED, EMERGING_OF_THEM = 821, 410
FOLLOWED, ENTRIES_FOLLOWED, FOLLOWED_AT_ONCE = 33, 28, 2
"""Projects that `wujin` tells; of them those on the district's list, and land-and-start."""
LISTED = (22, 4)
ON_PREFECTURE = (15, 9)
LARGE = (8, 2)
"""Those of 10 亿元 or more; they and seven provincial ones are on the list of the city above."""
SIGNED_BIOMEDICAL = (20, 4)
BIOMEDICAL_WAN = 216_800
AT_ONCE = ((12, 1), (12, 1))
"""Land-and-start of 2023 and of 2024, besides two of the followed ones."""
PLAN_WAN, DONE_BY_OCTOBER_WAN = 240_000, 664_800
"""Behind the printed 277 %; both are invented."""
OCTOBER = 10

YEAR_END = date(2024, 12, 31)
LATER_YEARS = (date(2023, 1, 9), date(2024, 5, 31))
EARLY = Window(
    signed=(date(2022, 2, 8), date(2022, 12, 9)),
    until=YEAR_END,
    reaches=(0, 0, 0, 0, 0.4, 0.6),
    commissioned=(date(2023, 11, 6), date(2024, 12, 20)),
)
LATER = Window(signed=LATER_YEARS, until=YEAR_END)
FIRST_HALF = (date(2024, 1, 4), date(2024, 5, 31))
BEFORE_THE_LIST = (date(2023, 1, 9), date(2023, 6, 30))


def enrolled(portfolio: Portfolio) -> int:
    """Count the projects of Wujin that are enrolled: all of them up to the published number."""
    return ENROLLED if portfolio.projects >= USUAL else portfolio.share(WUJIN)


def emerging(portfolio: Portfolio) -> int:
    """Count those of emerging industries, the biomedical ones among them."""
    return EMERGING_OF_THEM * enrolled(portfolio) // ENROLLED


def deal_trades(book: Book, portfolio: Portfolio) -> None:
    """Shuffle a deck of trades with as many emerging ones as are published."""
    biomedical = portfolio.count(*SIGNED_BIOMEDICAL)
    new, all_others = emerging(portfolio) - biomedical, enrolled(portfolio) - biomedical
    book.trades = _drawn(book, EMERGING, new) + _drawn(book, TRADITIONAL, all_others - new)
    book.random.shuffle(book.trades)


def plant_in_wujin(book: Book, portfolio: Portfolio, provincial: list[tuple[int, int]]) -> None:
    """Tell the listed, the biomedical, the land-and-start and all other enrolled projects.

    `provincial` gives plan and investment of those that count on the city's list already.
    """
    counts = [portfolio.count(*count) for count in (LISTED, SIGNED_BIOMEDICAL, *AT_ONCE)]
    listed, biomedical, *at_once = counts
    _list(book, _shares(book, portfolio.count(*LARGE), provincial), listed)
    _sign_biomedical(book, biomedical)
    for year, count in zip((2023, 2024), at_once, strict=True):
        signed = FIRST_HALF if year == FIRST_HALF[0].year else BEFORE_THE_LIST
        for _ in range(count):
            live(book, (WUJIN,), Window(signed=signed, until=YEAR_END), odd=Oddity.AT_ONCE)
    for _ in range(enrolled(portfolio) - FOLLOWED - sum(counts)):
        live(book, (WUJIN,), book.random.choice((EARLY, LATER, LATER)))


def _drawn(book: Book, trades: tuple[Trade, ...], count: int) -> list[Trade]:
    """Draw so many trades."""
    return book.random.choices(trades, k=count)


def _shares(book: Book, large: int, provincial: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Share plan and investment of the city's list among the large, less what is told already."""
    planned, done = (sum(column) for column in zip(*provincial, strict=True))
    plans = split(PLAN_WAN - planned, sizes(book.random, large, 0.4))
    weights = [plan * book.random.uniform(0.9, 1.1) for plan in plans]
    return list(zip(plans, split(DONE_BY_OCTOBER_WAN - done, weights), strict=True))


def _list(book: Book, large: list[tuple[int, int]], listed: int) -> None:
    """Tell the further projects of the district's list; the large are on the city's list too."""
    for index in range(listed):
        plan, done = large[index] if index < len(large) else (11_000, 11_000)
        least = max(105_000, done * 13 // 10) if index < len(large) else 42_000
        most = 2 * least
        window = Window(signed=BEFORE_THE_LIST, until=YEAR_END, size=(least, most), reported=False)
        story = live(book, (WUJIN,), window)
        for major in (PREFECTURE, DISTRICT) if index < len(large) else (DISTRICT,):
            enter(story, major, Entry(kind="continuing", plan=plan, decided_on=PUBLISHED))
        _report(story, done)


def _report(story: Story, done: int) -> None:
    """Report by month until October."""
    enrolled_from = _month_of_2024(story.days["StatisticsEnrolled"])
    report_year(
        story,
        Year(
            year=2024,
            actual=done,
            reported_from=enrolled_from,
            enrolled_from=enrolled_from,
            through=OCTOBER,
        ),
    )


def _month_of_2024(day: date) -> int:
    """Give the month of a day, the first for an earlier year."""
    return day.month if day.year == YEAR_END.year else 1


def _sign_biomedical(book: Book, count: int) -> None:
    """Tell the biomedical projects that were signed in the first half of 2024."""
    book.trades += _drawn(book, BIOMEDICAL, count)
    for total in split(BIOMEDICAL_WAN, sizes(book.random, count, 0.3)):
        live(book, (WUJIN,), Window(signed=FIRST_HALF, until=YEAR_END, size=(total, total)))
