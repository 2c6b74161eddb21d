"""Tell a portfolio book by book: what is planted in each place, and then the projects beside it.

The projects beside it never belong to what a planted figure counts: in Zhangjiagang and Zhenjiang
they live in other years, in Wujin they are enrolled later, in Nantong they are smaller.
"""

from collections.abc import Callable, Iterator
from datetime import date

from server.demonstration.book import Book
from server.demonstration.decrees import decrees
from server.demonstration.nantong import DISTRICTS as OF_NANTONG
from server.demonstration.nantong import nantong
from server.demonstration.ordinary import Window, live
from server.demonstration.portfolio import (
    IMPORTED,
    NANTONG,
    WUJIN,
    ZHANGJIAGANG,
    ZHENJIANG,
    Portfolio,
)
from server.demonstration.wujin import wujin
from server.demonstration.zhangjiagang import zhangjiagang
from server.demonstration.zhenjiang import zhenjiang
from server.demonstration.zhenjiang_works import DISTRICTS as OF_ZHENJIANG

VOLUME = 500
"""The projects of one book, so that memory never holds more."""

PLANTED: dict[str, Callable[[Portfolio], Book]] = {
    ZHANGJIAGANG: zhangjiagang,
    ZHENJIANG: zhenjiang,
    WUJIN: wujin,
    NANTONG: nantong,
}
DISTRICTS = {
    ZHANGJIAGANG: (ZHANGJIAGANG,),
    ZHENJIANG: OF_ZHENJIANG,
    WUJIN: (WUJIN,),
    NANTONG: OF_NANTONG,
}
LATELY = Window(
    signed=(date(2025, 1, 6), date(2025, 6, 27)),
    until=date(2025, 12, 31),
    reaches=(0.1, 0.1, 0.1, 0.1, 0.6, 0),
    breaking=True,
    each_months=1,
)
BEFORE = Window(
    signed=(date(2020, 9, 7), date(2021, 9, 30)),
    started=(date(2021, 6, 10), date(2022, 6, 30)),
    until=date(2023, 12, 29),
    reaches=(0, 0, 0, 0, 0, 1),
    commissioned=(date(2022, 9, 5), date(2023, 12, 22)),
    breaking=True,
)
GOING_ON = Window(
    signed=(date(2021, 3, 1), date(2022, 9, 30)),
    until=date(2023, 12, 31),
    breaking=True,
)
SMALLER = Window(
    signed=(date(2016, 9, 5), date(2018, 12, 21)),
    until=date(2019, 11, 29),
    size=(2_000, 60_000),
    breaking=True,
)
BESIDE = {
    ZHANGJIAGANG: (BEFORE, LATELY),
    ZHENJIANG: (GOING_ON, LATELY),
    WUJIN: (LATELY,),
    NANTONG: (SMALLER,),
}


def books(portfolio: Portfolio) -> Iterator[Book]:
    """Tell the whole portfolio, one book at a time."""
    yield decrees(portfolio)
    for place, tell in PLANTED.items():
        book = tell(portfolio)
        yield book
        yield from _beside(portfolio, place, portfolio.share(place) - planted(book))


def planted(book: Book) -> int:
    """Count the projects of a book."""
    registered = sum(report.kind == "ProjectRegistered" for report in book.reports)
    return registered - book.absorbed


def _beside(portfolio: Portfolio, place: str, count: int) -> Iterator[Book]:
    """Tell so many projects beside the planted ones, volume by volume."""
    for volume, first in enumerate(range(0, count, VOLUME), start=1):
        book = Book(f"{portfolio.seed}/{place}", place, volume=volume, noise=portfolio.noise)
        if place == NANTONG:
            book.imported_on = IMPORTED
        for _ in range(first, min(first + VOLUME, count)):
            live(book, DISTRICTS[place], book.random.choice(BESIDE[place]))
        yield book
