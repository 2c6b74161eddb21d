"""Plant Zhangjiagang's project finance of 2024 (港发通).

Published: 154 projects linked, 12.53 亿元 paid out, 8.89 of it to projects carried over from
earlier years and 3.64 to new ones. Who borrowed how much is invented; fewer borrowed than were
linked.
"""

from collections.abc import Sequence
from datetime import date

from server.demonstration.book import Payload
from server.demonstration.days import between, later, next_working
from server.demonstration.money import in_wan
from server.demonstration.numbers import sizes, split
from server.demonstration.portfolio import Portfolio
from server.demonstration.story import Story

LINKED, CARRYING, RENEWING = (154, 14), (62, 5), (49, 5)
"""Projects linked; of them continuing ones that borrowed, and new ones."""
CARRIED_WAN, NEW_WAN = 88_900, 36_400
BANKS = ("张家港农村商业银行", "江苏银行张家港支行", "中国银行张家港分行", "苏州银行张家港支行")
PARTS = 2
"""Into how many payments a loan is cut."""
YEAR_END = date(2024, 12, 27)


def link_to_banks(portfolio: Portfolio, continuing: Sequence[Story], new: Sequence[Story]) -> None:
    """Link projects to banks, and let some of them borrow in 2024."""
    carrying, renewing = portfolio.count(*CARRYING), portfolio.count(*RENEWING)
    merely_linked = portfolio.count(*LINKED) - carrying - renewing
    _borrow(continuing[:carrying], CARRIED_WAN, "carried")
    _borrow(new[:renewing], NEW_WAN, "new")
    others = [*continuing[carrying:], *new[renewing:]]
    for story in others[:merely_linked]:
        _link(story, story.book.random.randint(2_000, 9_000), with_quota=False)


def _borrow(stories: Sequence[Story], total: int, carried: str) -> None:
    """Share a total among projects, each paid out in parts."""
    if not stories:
        return
    book = stories[0].book
    for story, amount in zip(
        stories, split(total, sizes(book.random, len(stories), 0.5)), strict=True
    ):
        facility = _link(story, int(amount * book.random.uniform(1.1, 1.8)) + 1, with_quota=True)
        first = max(date(2024, 1, 8), next_working(story.days["FinanceLinked"], 3))
        for part in split(amount, [1] * PARTS):
            if part:
                story.tell(
                    "LoanDisbursed",
                    between(book.random, first, YEAR_END),
                    {
                        "facility_id": facility,
                        "amount": in_wan(part),
                        "class": carried,
                        "term_months": book.random.choice((12, 36, 60)),
                    },
                    evidence="借款借据",
                )


def _link(story: Story, need: int, *, with_quota: bool) -> str:
    """Link a project to a bank (港发通对接); give the facility's id."""
    book = story.book
    linked = between(
        book.random, max(date(2023, 3, 6), later(story.registered_on, 60)), date(2024, 9, 20)
    )
    facility = f"GFT-{linked.year}-{book.serial('facility'):04d}"
    bank = book.random.choice(BANKS)
    data: Payload = {"facility_id": facility, "bank": bank, "need": in_wan(need)}
    if with_quota:
        data |= {"quota": in_wan(need), "rate_bp": book.random.randint(290, 380)}
    story.tell("FinanceLinked", linked, data)
    return facility
