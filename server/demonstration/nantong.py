"""Plant Nantong's years 2016 to 2019 as a historic import: told in one go on 3 November 2025.

Published: more than 400 started projects of 10 亿元 or more and a pipeline of 20 of 100 亿元 or
more; 34 starts in the autumn of 2019 of more than 200 亿元 together; one project of 53.7 亿元 that
was signed, begun and put into operation within 2017; one that took four months from the first
contact to its signing and 24 days from there to its opening. The papers name none of them, and what
is said about single projects beyond this is invented.
"""

from dataclasses import replace
from datetime import date
from itertools import cycle

from server.demonstration.book import Book
from server.demonstration.building import (
    accept,
    award,
    commission,
    deliver,
    enrol,
    permit,
    start,
)
from server.demonstration.days import as_half, as_quarter, between, later, next_working, working
from server.demonstration.invention import Profile, profile
from server.demonstration.money import tenths
from server.demonstration.numbers import sizes
from server.demonstration.pools import quota_of_rugao
from server.demonstration.portfolio import IMPORTED, NANTONG, Portfolio
from server.demonstration.rankings import publish_in_nantong
from server.demonstration.reviews import meet_every_second_month
from server.demonstration.story import Story
from server.demonstration.terms import usual_terms

HAIAN = "320685"
LED_BY_HAIAN = ("2019-Q1", "2019-Q2", "2019-Q3")
DISTRICTS = ("320602", "320611", "320612", "320681", "320682", "320683", "320684", "320685")
LARGE_STARTED, AUTUMN, PIPELINE = (412, 12), (34, 3), (19, 1)
"""Started of 10 亿元 or more, of them in the autumn of 2019; signed or in negotiation of 100."""
LARGE, HUGE = 100_000, 1_000_000
"""10 and 100 亿元, in 万元."""
LARGEST_STARTED = 900_000
EARLIER_DAYS = (date(2017, 3, 1), date(2019, 8, 30))
AUTUMN_DAYS = (date(2019, 9, 2), date(2019, 10, 31))
HAIMEN = "320684"
IDLE_SINCE = date(2018, 10, 31)
IDLE_TENTHS = 4_100
"""The land of each signed project of the pipeline that lies idle, in tenths of a mu."""
AUTUMN_BATCH = "2019年秋季集中开工"
LAST = date(2019, 11, 29)
NAMED = 3
"""Started projects that are told one by one."""


def nantong(portfolio: Portfolio) -> Book:
    """Write the book of Nantong."""
    book = Book(f"{portfolio.seed}/nantong", NANTONG, noise=portfolio.noise)
    book.imported_on = IMPORTED
    started, autumn = portfolio.count(*LARGE_STARTED), portfolio.count(*AUTUMN)
    tell_within_a_year(book)
    tell_fast_opening(book)
    tell_huge(book)
    turns = {quarter: cycle(_favouring_haian(book)) for quarter in LED_BY_HAIAN}
    for index, size in enumerate(sizes(book.random, started - NAMED, 0.5)):
        total = min(LARGEST_STARTED, LARGE + int(40_000 * size))
        on = between(book.random, *(AUTUMN_DAYS if index < autumn else EARLIER_DAYS))
        turn = turns.get(as_quarter(on))
        district = next(turn) if turn else book.random.choice(DISTRICTS)
        _started(book, total, on, district, AUTUMN_BATCH if index < autumn else "")
    for index in range(portfolio.count(*PIPELINE)):
        _in_pipeline(book, signed=index % 2 == 0)
    meet_every_second_month(book, date(2018, 1, 1), LAST)
    quota_of_rugao(book)
    book.closings.append(publish_in_nantong)
    return book


def _favouring_haian(book: Book) -> list[str]:
    """Give the districts in a random order with Hai'an before each, so that it leads."""
    others = [district for district in DISTRICTS if district != HAIAN]
    book.random.shuffle(others)
    return [district for other in others for district in (HAIAN, other)]


def _opened(book: Book, total: int, signed: date, district: str, batch: str = "") -> Story:
    """Invent a lead some months before its signing; a batch of starts is named in its title."""
    registered = max(working(later(signed, -book.random.randint(40, 200))), date(2016, 7, 4))
    invented = profile(book, district)
    invented = replace(invented, title=f"{invented.title}（{batch}）" if batch else invented.title)
    story = Story(book, invented, total, registered)
    story.open()
    return story


def _started(book: Book, total: int, started: date, district: str, batch: str = "") -> None:
    """Tell a project from its signing to its start, and to its operation if there was time."""
    random = book.random
    permitted = working(later(started, -random.randint(3, 25)))
    awarded = working(later(permitted, -random.randint(25, 60)))
    signed = max(working(later(awarded, -random.randint(40, 120))), date(2016, 7, 18))
    story = _opened(book, total, signed, district, batch)
    terms = usual_terms(random, total)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.approve(next_working(signed, 2))
    story.plan(next_working(awarded), "construction_started", as_half(later(started, 20)))
    deliver(story, next_working(awarded, 4), award(story, awarded, min(terms.supply, 9_000)))
    permit(story, working(later(awarded, 12)), "land_use_planning_permit")
    permit(story, permitted, "construction_permit")
    start(story, started, ceremony=batch or None)
    enrol(story, next_working(started, random.randint(2, 9)))
    commissioned = working(later(started, random.randint(380, 800)))
    if commissioned <= LAST:
        accept(story, working(later(commissioned, -random.randint(8, 40))))
        commission(story, commissioned)


def _in_pipeline(book: Book, *, signed: bool) -> None:
    """Tell a project of 100 亿元 or more that is signed or still in negotiation."""
    total = HUGE + 10_000 * book.random.randint(0, 90)
    on = between(book.random, date(2018, 3, 1), date(2018, 8, 31) if signed else date(2019, 9, 27))
    story = _opened(book, total, on, HAIMEN if signed else book.random.choice(DISTRICTS))
    if signed:
        story.sign(on, fixed_wan=total * 4 // 5)
        _lie_idle(story, next_working(on, 30))


def _lie_idle(story: Story, awarded: date) -> None:
    """Get land for a later start, let it lie idle, and give a part of it back in 2019."""
    if awarded > IDLE_SINCE:
        return
    parcel = award(story, awarded, IDLE_TENTHS)
    for act, on in (("idle-declared", date(2019, 2, 18)), ("returned", date(2019, 6, 26))):
        idle = {"act": act, "legal_basis": "闲置土地处置办法", "area_mu": tenths(IDLE_TENTHS)}
        story.tell("LandResumedOrIdle", on, {"parcel_id": parcel, **idle})


def tell_huge(book: Book) -> None:
    """Tell the one project of 100 亿元 whose works have begun."""
    _started(book, HUGE + 60_000, date(2018, 10, 22), HAIAN)


def tell_within_a_year(book: Book) -> None:
    """Tell the 53.7 亿元 signed in March, begun in May and in operation in December 2017."""
    place = Profile(
        "通州湾当年签约当年开工当年投产项目（文中未具名）",
        "320612",
        "通州湾示范区",
        "C3130",
        "通州湾项目企业",
    )
    story = Story(book, place, 537_000, date(2016, 11, 7))
    story.open()
    story.sign(date(2017, 3, 31), fixed_wan=430_000, text="2017-03")
    story.assign_code(date(2017, 4, 5))
    deliver(story, date(2017, 4, 20), award(story, date(2017, 4, 17), 5_200))
    permit(story, date(2017, 4, 28), "construction_permit")
    start(story, date(2017, 5, 31), text="2017-05")
    enrol(story, date(2017, 6, 8))
    accept(story, date(2017, 11, 30), text="2017-11")
    commission(story, date(2017, 12, 31), text="2017-12")


def tell_fast_opening(book: Book) -> None:
    """Tell the project with four months from contact to signing and 24 days more to its opening.

    That it lies in Hai'an is invented: so Hai'an leads in that quarter, too.
    """
    place = Profile(
        "四个月签约二十四天揭牌项目（文中未具名）", HAIAN, "海安高新区", "C3562", "揭牌项目企业"
    )
    story = Story(book, place, 120_000, date(2019, 3, 11))
    story.open()
    story.sign(date(2019, 7, 11), fixed_wan=90_000)
    story.assign_code(date(2019, 7, 12))
    story.tell(
        "PremisesSecured",
        date(2019, 7, 15),
        {"kind": "lease", "floor_area_m2": "24000"},
    )
    start(story, date(2019, 7, 18), basis="filing")
    enrol(story, date(2019, 8, 2))
    commission(story, date(2019, 8, 4))
