"""Plant the 45 admissions of Zhangjiagang in 2024, whose totals were published.

Published: 45 submitted and passed, 42 of them listed, 238.2 亿元 in total, 2,166 mu demanded, 919
万元 of investment a mu, 89 of tax and 1,401 of output, 23 with land of 1,220.1 mu, 17 started. The
intensity follows from fixed assets, not from the total. All that is said about single projects is
invented, except for the two with names.
"""

from datetime import date
from random import Random

from server.demonstration.book import Book
from server.demonstration.building import (
    award,
    build_at_once,
    build_by_steps,
    deliver,
    enrol,
    start,
)
from server.demonstration.days import as_month, between, later, next_working
from server.demonstration.invention import profile
from server.demonstration.named_projects import DAXIN, KECAI, daxin, kecai
from server.demonstration.numbers import sizes, split, weigh
from server.demonstration.story import Story
from server.demonstration.terms import Terms

NAMED = 2
PASSED = 45
STARTED = 17
AWARDED = 23
PERMITTED = 19
LISTED = 42
TOTAL_WAN = 2_382_000
DEMAND = 21_660
"""Tenths of a mu."""
SUPPLY = 12_201
"""Tenths of a mu."""
INTENSITY = 919
TAX = 89
OUTPUT = 1_401
AT_ONCE = 9
"""How many of the started got their permits within a working day of the land, besides the named."""


def terms(random: Random) -> list[Terms]:
    """Draw the promises of the 45 so that every published total is met exactly.

    The two named projects come first, then the other started ones, the awarded, the rest.
    """
    named = (KECAI, DAXIN)
    free = PASSED - len(named)
    larger = [1.4 if index < AWARDED - len(named) else 1.0 for index in range(free)]
    weights = [size * more for size, more in zip(sizes(random, free, 0.45), larger, strict=True)]
    demands = [project.demand for project in named]
    demands += split(DEMAND - sum(demands), weights)
    totals = [project.total_wan for project in named]
    dense = [random.uniform(0.8, 1.25) * demand for demand in demands[len(named) :]]
    totals += split(TOTAL_WAN - sum(totals), dense)
    fixed = split(INTENSITY * DEMAND // 10, [random.uniform(0.76, 0.9) * total for total in totals])
    outputs = weigh(
        demands, [random.lognormvariate(0, 0.3) for _ in demands], OUTPUT * DEMAND * 100
    )
    taxes = weigh(
        demands, [random.uniform(0.052, 0.075) * output for output in outputs], TAX * DEMAND * 100
    )
    supplies = split(SUPPLY, [demand * random.uniform(0.9, 1.0) for demand in demands[:AWARDED]])
    supplies += [0] * (PASSED - AWARDED)
    return [
        Terms(*row) for row in zip(totals, fixed, demands, taxes, outputs, supplies, strict=True)
    ]


def admit(book: Book) -> list[Story]:
    """Tell the 45 admissions up to land, permits and start; give the projects in that order."""
    random = book.random
    rows = terms(random)
    stories = [kecai(book, rows[0]), daxin(book, rows[1])]
    for index, row in enumerate(rows[NAMED:], start=NAMED):
        if index < STARTED:
            signed = between(random, date(2024, 1, 4), date(2024, 4, 26))
        elif index < AWARDED:
            signed = between(random, date(2024, 2, 20), date(2024, 6, 20))
        else:
            signed = between(random, date(2024, 1, 4), date(2024, 8, 30))
        story = Story(
            book,
            profile(book, book.region),
            row.total_wan,
            later(signed, -random.randint(20, 90)),
        )
        admitted = _admit(story, row, signed)
        if index < AWARDED:
            _settle(story, row, next_working(admitted, random.randint(12, 30)), index)
        else:
            planned = later(admitted, random.randint(60, 200))
            story.plan(next_working(admitted, 3), "land_awarded", as_month(planned))
        stories.append(story)
    return stories


def _admit(story: Story, row: Terms, signed: date) -> date:
    """Tell the life up to the admission; give its day."""
    random = story.book.random
    story.open(land_tenths=row.demand)
    story.sign(signed, fixed_wan=row.fixed_wan)
    story.approve(next_working(signed, random.randint(1, 2)))
    submitted = next_working(signed, random.randint(6, 14))
    admitted = next_working(submitted, random.randint(5, 12))
    story.assess(submitted, admitted, row, scored=True)
    return admitted


def _settle(story: Story, row: Terms, awarded: date, index: int) -> None:
    """Give the project its land and, as far as its place in the order says, permits and start."""
    random = story.book.random
    if NAMED <= index < NAMED + AT_ONCE:
        build_at_once(story, awarded, row.supply)
        permitted = next_working(awarded)
    elif index < PERMITTED:
        permitted = later(awarded, random.randint(24, 60))
        permitted = next_working(permitted)
        plots = (row.supply,) if index % 3 else (row.supply - row.supply // 3, row.supply // 3)
        build_by_steps(story, awarded, permitted, *plots)
    else:
        deliver(story, next_working(awarded, 5), award(story, awarded, row.supply))
        permitted = later(awarded, 60)
    story.plan(next_working(awarded), "construction_started", later(permitted, 45).isoformat())
    story.plan(next_working(awarded), "commissioned", f"{permitted.year + 2}-H1")
    if index < STARTED:
        started = next_working(permitted, random.randint(1, 14))
        start(story, started)
        enrol(story, next_working(started, random.randint(2, 12)))
