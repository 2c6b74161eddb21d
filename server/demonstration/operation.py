"""Choose which evaluated projects the demonstration shows, city by city."""

from datetime import date

from domain.policies import preset
from domain.policy import Policy
from server.demonstration.book import Book
from server.demonstration.days import later
from server.demonstration.decrees import edition
from server.demonstration.evaluations import Delivered, Judged, operate

AWARDED = date(2021, 6, 15)

ZHANGJIAGANG = (
    # Well above on intensity, short on tax: the edition of 2025, which caps at 100 %, grades lower.
    (Delivered(118, 82, 97), Delivered(118, 94, 103, 96)),
    # Just under every promise: good under the first edition, not good enough under the second.
    (Delivered(95, 88, 94), Delivered(95, 91, 97)),
    (Delivered(100, 104, 108), Delivered(100, 112, 115, 92)),
    (Delivered(84, 66, 72, 110), None),
    (Delivered(71, 45, 52, 125), None),
)
"""What five projects delivered at their first checkpoint and, maybe, at their second."""

ZHENJIANG = (
    ("321112", Delivered(101, 97, 99)),
    ("321181", Delivered(93, 78, 86)),
    ("321181", Delivered(108, 121, 111, 90)),
    ("321182", Delivered(88, 59, 70, 115)),
    ("321183", Delivered(99, 90, 95)),
)
WUJIN = (Delivered(103, 99, 101), Delivered(90, 74, 83))


def operate_in_zhangjiagang(book: Book) -> None:
    """Tell the evaluated projects of Zhangjiagang; three have two checkpoints."""
    first, second = (
        edition(f"post-evaluation/zhangjiagang@{version}") for version in ("2021.1", "2025.1")
    )
    for index, (early, late) in enumerate(ZHANGJIAGANG):
        judgements = [_first(early, first, index)]
        if late is not None:
            on = date(2025, 4, 8 + index)
            judgements.append(Judged(2024, "capacity", on, second, late))
        operate(book, book.region, later(AWARDED, 7 * index), judgements)


def operate_in_zhenjiang(book: Book) -> None:
    """Tell the evaluated projects of Zhenjiang."""
    policy = preset("post-evaluation/default@1")
    for index, (district, delivered) in enumerate(ZHENJIANG):
        operate(book, district, later(AWARDED, 7 * index), [_first(delivered, policy, index)])


def operate_in_wujin(book: Book) -> None:
    """Tell the evaluated projects of Wujin."""
    policy = preset("post-evaluation/default@1")
    for index, delivered in enumerate(WUJIN):
        operate(book, book.region, later(AWARDED, 7 * index), [_first(delivered, policy, index)])


def _first(delivered: Delivered, policy: Policy, index: int) -> Judged:
    """Give the evaluation a year after commissioning, by the results of 2023."""
    return Judged(2023, "commissioning+12", date(2024, 4, 9 + index), policy, delivered)
