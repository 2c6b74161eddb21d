"""Tell the projects of Zhangjiagang that newspapers named, and what the papers said of them.

From the papers: Kecai's land on 2024-06-11, five certificates the day after, start on 06-19, 3.8
亿元; the container-corner project in Daxin with its land on 2024-09-11, the construction permit the
day after, a start in September, 7.9 亿元; Han's Laser with 100 亿元, signed in October 2021, begun
on 2022-06-20, on the provincial list for three years running, phase 1 in operation since
2024-11-30 and phase 2 being built. The vertical factory is described without a name: six storeys,
a floor area ratio of 2.9.

Invented, because no paper says it: every other day, area and amount here, all record numbers and
the Chinese characters of 科彩, which the source gives only by its sound.
"""

from dataclasses import dataclass
from datetime import date

from server.demonstration.book import Book
from server.demonstration.building import (
    accept,
    award,
    commission,
    deliver,
    enrol,
    permit,
    permits_at_once,
    simulate,
    start,
)
from server.demonstration.days import later, next_working
from server.demonstration.invention import Profile
from server.demonstration.money import in_wan, in_yi, tenths
from server.demonstration.story import FIVE_PERMITS, Story
from server.demonstration.terms import Terms

ZHANGJIAGANG = "320582"
NINE_PERMITS = (
    *FIVE_PERMITS,
    "environmental_assessment_approval",
    "energy_review_opinion",
    "fire_design_review_opinion",
    "drainage_permit",
)
"""The nine of 九证齐发; the papers give the number, not the kinds."""


@dataclass(frozen=True, slots=True)
class Named:
    """A named project: its profile, its investment and the land it asked for (tenths of a mu)."""

    profile: Profile
    total_wan: int
    demand: int


KECAI = Named(
    Profile("科彩（Kecai）新建项目", ZHANGJIAGANG, "经开区", "C2319", "科彩"), 38_000, 350
)
DAXIN = Named(
    Profile("大新镇集装箱角件项目", ZHANGJIAGANG, "大新镇", "C3331", "大新镇集装箱角件企业"),
    79_000,
    680,
)
HANS_LASER = Named(
    Profile("大族激光华东区域总部基地项目", ZHANGJIAGANG, "保税区", "C3424", "大族激光"),
    1_000_000,
    8_000,
)
VERTICAL_FACTORY = Named(
    Profile("工业上楼载体项目（文中未具名）", ZHANGJIAGANG, "经开区", "C3569", "工业上楼载体企业"),
    60_000,
    0,
)


def _open(book: Book, named: Named, terms: Terms, signed: date, submitted: date) -> Story:
    """Tell a named admission of 2024 up to its decision."""
    story = Story(book, named.profile, named.total_wan, later(signed, -40), steady=True)
    story.open(land_tenths=named.demand)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.approve(next_working(signed))
    story.assess(submitted, next_working(submitted, 8), terms, scored=True)
    return story


def kecai(book: Book, terms: Terms) -> Story:
    """Tell Kecai: land, five certificates a day later, start a week after that."""
    story = _open(book, KECAI, terms, date(2024, 2, 26), date(2024, 3, 18))
    awarded, permitted = date(2024, 6, 11), date(2024, 6, 12)
    story.plan(date(2024, 4, 8), "land_awarded", "2024-06")
    story.plan(date(2024, 4, 8), "construction_started", "2024-06-30")
    story.plan(date(2024, 4, 8), "commissioned", "2025-H2")
    simulate(story, date(2024, 5, 14), awarded)
    deliver(story, permitted, award(story, awarded, terms.supply))
    permits_at_once(story, permitted)
    # Told two weeks later, so that what was believed at the end of June differs from the truth.
    start(story, date(2024, 6, 19), told_on=date(2024, 7, 3))
    enrol(story, date(2024, 6, 26))
    return story


def daxin(book: Book, terms: Terms) -> Story:
    """Tell the container-corner project: a construction permit the day after the land."""
    story = _open(book, DAXIN, terms, date(2024, 4, 15), date(2024, 5, 13))
    awarded, permitted = date(2024, 9, 11), date(2024, 9, 12)
    story.plan(date(2024, 6, 3), "construction_started", "2024-Q3")
    story.plan(date(2024, 6, 3), "commissioned", "2025-12")
    simulate(story, date(2024, 8, 5), awarded)
    parcel = award(story, awarded, terms.supply)
    for kind in ("land_use_planning_permit", "works_planning_permit"):
        permit(story, awarded, kind)
    deliver(story, permitted, parcel)
    for kind in ("real_estate_title", "drawing_review_certificate", "construction_permit"):
        permit(story, permitted, kind)
    start(story, date(2024, 9, 30), text="2024-09")
    enrol(story, date(2024, 10, 9))
    return story


def hans_laser(book: Book) -> Story:
    """Tell Han's Laser: phase 1 from signing to operation, phase 2 under construction."""
    story = Story(book, HANS_LASER.profile, HANS_LASER.total_wan, date(2021, 8, 16), steady=True)
    story.open(land_tenths=HANS_LASER.demand)
    story.sign(date(2021, 10, 31), fixed_wan=820_000, text="2021-10")
    story.approve(date(2021, 11, 8))
    terms = Terms(1_000_000, 820_000, HANS_LASER.demand, 6_200, 98_000)
    story.assess(date(2021, 11, 22), date(2021, 12, 10), terms)
    for ordinal, (title, share) in enumerate((("一期", 600_000), ("二期", 400_000)), start=1):
        story.tell(
            "PhaseDefined",
            date(2022, 3, 1),
            {
                "phase_id": str(ordinal),
                "ordinal": ordinal,
                "title": title,
                "share_of_investment": in_yi(share),
                "planned_land_mu": tenths(4_800 if ordinal == 1 else 3_200),
                "uses_existing_premises": False,
            },
        )
    first = award(story, date(2022, 4, 26), 4_800, phase="1")
    deliver(story, date(2022, 5, 9), first, phase="1")
    for kind, day in zip(FIVE_PERMITS, (9, 13, 23, 31), strict=False):
        permit(story, date(2022, 5, day), kind, phase="1")
    permit(story, date(2022, 6, 14), "construction_permit", phase="1")
    start(story, date(2022, 6, 20), phase="1")
    enrol(story, date(2022, 7, 5), phase="1")
    second = award(story, date(2023, 12, 26), 3_200, phase="2")
    deliver(story, date(2023, 12, 27), second, phase="2")
    for kind in NINE_PERMITS:
        permit(story, date(2023, 12, 27), kind, phase="2")
    start(story, date(2023, 12, 29), phase="2")
    accept(story, date(2024, 11, 22), phase="1")
    commission(story, date(2024, 11, 30), phase="1")
    story.plan(date(2024, 12, 5), "capacity_reached", "2026-H2", phase="1")
    return story


def vertical_factory(book: Book) -> Story:
    """Tell the factory of six storeys: no new plot, more floor area on the old one."""
    profile, total = VERTICAL_FACTORY.profile, VERTICAL_FACTORY.total_wan
    story = Story(book, profile, total, date(2022, 11, 7), steady=True)
    story.open()
    story.sign(date(2022, 12, 20), fixed_wan=48_000)
    story.approve(date(2022, 12, 29))
    story.tell(
        "PremisesSecured",
        date(2023, 2, 15),
        {
            "kind": "vertical-factory",
            "floor_area_m2": "96500",
            "storeys": 6,
            "far": "2.9",
            "land_occupied_mu": "49.9",
        },
    )
    for kind, day in zip(FIVE_PERMITS, (3, 10, 17, 24), strict=False):
        permit(story, date(2023, 3, day), kind)
    permit(story, date(2023, 4, 6), "construction_permit")
    start(story, date(2023, 4, 18))
    enrol(story, date(2023, 5, 6))
    story.tell(
        "OperatingResultReported",
        date(2024, 12, 31),
        {
            "output": in_wan(14_500),
            "revenue": in_wan(13_800),
            "tax": in_wan(2_994),
            "energy_tce": "610.5",
            "emissions": {},
            "rd": in_wan(420),
            "staff": 380,
            "land_occupied_mu": "49.9",
        },
        text="2024",
    )
    return story
