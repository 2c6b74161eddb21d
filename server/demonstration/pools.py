"""Move quantities in and out of Zhangjiagang's resource pools (集中池), and Rugao's quota of land.

That the pools exist is published, and that five projects of Rugao got land of the province in 2019;
all quantities are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.demonstration.book import Book
from server.demonstration.days import between, next_working
from server.demonstration.money import tenths
from server.demonstration.story import Story

POOLS = {
    "energy_tce": (480_000, 9_000),
    "cod_t": (6_000, 90),
    "voc_t": (2_400, 40),
    "water_10k_m3": (30_000, 450),
}
"""What each pool is credited with and what a project usually gets, in tenths of its unit."""
SHARE = 12
"""How many projects get something from each pool."""
QUARTERS = (date(2024, 1, 9), date(2024, 4, 9), date(2024, 7, 9), date(2024, 10, 9))
EXPIRED = date(2024, 12, 20)
RUGAO = "320682"
PROJECTS_OF_RUGAO = 5
OF_2019 = (date(2019, 6, 24), date(2019, 10, 30))


def fill_pools(book: Book, stories: Sequence[Story]) -> None:
    """Credit each pool by quarter, and reserve, release and allocate for some projects."""
    random = book.random
    for resource, (credited, usual) in POOLS.items():
        for on in QUARTERS:
            _move(book, on, Movement(resource, "credit", credited // len(QUARTERS)))
        for story in random.sample(list(stories), min(SHARE, len(stories))):
            amount = int(usual * random.uniform(0.5, 1.5)) + 1
            reserved = between(random, date(2024, 1, 15), date(2024, 11, 15))
            _move(book, reserved, Movement(resource, "reserve", amount), story)
            given = next_working(reserved, random.randint(5, 15))
            # Whoever allocates out of a reservation releases it first.
            _move(book, given, Movement(resource, "release", amount), story)
            _move(book, next_working(given), Movement(resource, "allocate", amount), story)
        _move(book, EXPIRED, Movement(resource, "expire", usual // 2))


def quota_of_rugao(book: Book) -> None:
    """Give five projects of Rugao land out of the province's quota (点供)."""
    pool, random = f"{RUGAO}-land", book.random
    amounts = [random.randint(400, 900) for _ in range(PROJECTS_OF_RUGAO)]
    for act, quantities in (("credit", [sum(amounts)]), ("allocate", amounts)):
        for quantity in quantities:
            book.tell(
                "QuotaMoved",
                f"pool/{pool}",
                date(2019, 6, 18) if act == "credit" else between(random, *OF_2019),
                {
                    "pool_id": pool,
                    "resource": "land_quota_mu",
                    "act": act,
                    "quantity": tenths(quantity),
                    "district": RUGAO,
                },
                region=RUGAO,
                steady=True,
            )


@dataclass(frozen=True, slots=True)
class Movement:
    """What moves: an act upon a quantity, in tenths, of a resource."""

    resource: str
    act: str
    quantity: int


def _move(book: Book, on: date, movement: Movement, story: Story | None = None) -> None:
    """Tell one movement, for a project if one is named."""
    pool = f"{book.region}-{movement.resource.partition('_')[0]}"
    data = {
        "pool_id": pool,
        "resource": movement.resource,
        "act": movement.act,
        "quantity": tenths(movement.quantity),
        "district": book.region,
    }
    if story is not None:
        data["counterpart"] = story.profile.enterprise
    book.tell("QuotaMoved", f"pool/{pool}", on, data, steady=True)
