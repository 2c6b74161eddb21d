"""Plant Wujin: 821 enrolled projects, and 33 whose colours, delays and re-plans can be followed.

Published for Wujin: 821 projects enrolled in the statistics, 410 of them of emerging industries; 20
biomedical signings of more than 20 亿元 in the first half of 2024; 26 land-and-start since 2023;
by the end of October 2024 8 projects of 10 亿元 or more, 15 on the list of the city above and 50 on
the district's own, seven provincial ones of which five are new and all started; and the rule of
three colours. Every project here is invented, and so are the amounts behind the printed 277 %. At
the end of October 2024 some nodes are overdue under a named unit and person; six red nodes had been
re-planned to green ones before.
"""

from datetime import date

from server.demonstration.book import Book
from server.demonstration.building import accept, build_at_once, build_by_steps, enrol, start
from server.demonstration.days import as_half, as_month, as_quarter, later, next_working, working
from server.demonstration.exceptions import (
    admitted_before,
    ask,
    build_on_own_land,
    start_before_permit,
    start_under_staged_permit,
)
from server.demonstration.invention import profile
from server.demonstration.investments import LAST_MONTH, Year, report_year
from server.demonstration.listings import Entry, MajorList, enter, publish
from server.demonstration.operation import operate_in_wujin
from server.demonstration.portfolio import WUJIN, Portfolio
from server.demonstration.story import Story
from server.demonstration.terms import usual_terms
from server.demonstration.wujin_figures import (
    DISTRICT,
    OCTOBER,
    PREFECTURE,
    deal_trades,
    plant_in_wujin,
)

PUBLISHED = date(2023, 12, 29)
PROVINCIAL = MajorList("provincial", "320000", 2024, PUBLISHED)
REPLANS = 6
OVERDUE_LAND = 4
OVERDUE_START = 5
OVERRIDDEN = 3
ON_TIME = 13
PROVINCIAL_NEW = 5
PROVINCIAL_CONTINUING = 2
"""These two were under construction when the year began."""
PROVINCIAL_ENTRIES = PROVINCIAL_NEW + PROVINCIAL_CONTINUING


def wujin(portfolio: Portfolio) -> Book:
    """Write the book of Wujin."""
    book = Book(f"{portfolio.seed}/wujin", WUJIN, noise=portfolio.noise)
    for major in (PREFECTURE, DISTRICT):
        publish(book, major)
    deal_trades(book, portfolio)
    for index in range(REPLANS):
        replanned(book, index)
    for index in range(OVERDUE_LAND):
        late_land(book, index)
    for index in range(OVERDUE_START):
        late_start(book, index)
    provincial = [on_time(book, index) for index in range(ON_TIME)][:PROVINCIAL_ENTRIES]
    for tell in (start_before_permit, start_under_staged_permit, build_on_own_land):
        tell(admitted_before(book))
    operate_in_wujin(book)
    plant_in_wujin(book, portfolio, provincial)
    return book


def _signed(book: Book, signed: date) -> Story:
    """Tell an invented project up to its admission and its place on the list."""
    random = book.random
    total = random.randint(11_000, 60_000)
    terms = usual_terms(random, total)
    invented = profile(book, WUJIN)
    story = Story(book, invented, total, working(later(signed, -random.randint(20, 70))))
    story.open(land_tenths=terms.demand)
    story.sign(signed, fixed_wan=terms.fixed_wan)
    story.approve(next_working(signed, random.randint(1, 2)))
    submitted = next_working(signed, random.randint(5, 10))
    story.assess(submitted, next_working(submitted, random.randint(5, 9)), terms)
    return story


def _list(story: Story, *, kind: str, provincial: bool = False) -> int:
    """Put a project on the district's list, or on all three; give its annual plan."""
    plan = int(story.total_wan * story.book.random.uniform(0.3, 0.5))
    for major in (PROVINCIAL, PREFECTURE, DISTRICT) if provincial else (DISTRICT,):
        enter(story, major, Entry(kind=kind, plan=plan, decided_on=major.published_on))
    return plan


def _report(
    story: Story, plan: int, *, since: int = 1, through: int = LAST_MONTH
) -> tuple[int, int]:
    """Report the year's investment, not far from its plan; give the plan and what was done."""
    actual = min(int(plan * story.book.random.uniform(0.85, 1.15)), story.total_wan)
    report_year(
        story,
        Year(
            year=2024,
            actual=actual,
            reported_from=since,
            enrolled_from=since,
            through=through,
        ),
    )
    return plan, actual


def _build(story: Story, awarded: date) -> date:
    """Tell the land and the permits; give the day of the construction permit."""
    permitted = next_working(later(awarded, story.book.random.randint(26, 40)))
    build_by_steps(story, awarded, permitted, story.book.random.randint(200, 700))
    return permitted


def replanned(book: Book, index: int) -> None:
    """Let the start fall overdue, re-plan it by decision, and start in the new time."""
    story = _signed(book, working(date(2023, 9 + index // 3, 8 + 3 * index)))
    plan = _list(story, kind="new")
    permitted = _build(story, working(date(2024, 2, 20 + index)))
    due = date(2024, 4 + index // 2, 15)
    decided = next_working(due, 8 + index)
    new = date(2024, 9 + index // 3, 30)
    plan_id = story.plan(next_working(date(2024, 1, 5)), "construction_started", due.isoformat())
    story.plan(next_working(date(2024, 1, 5)), "commissioned", "2025-H2")
    reason = ("设计方案优化", "施工图调整", "总包单位更换")[index % 3]
    story.replan(
        decided,
        plan_id,
        "construction_started",
        old=due.isoformat(),
        new=new.isoformat(),
        reason=f"{reason}，经联审会议同意顺延",
    )
    if index == 0:
        # One is re-planned twice, to a coarse date, so that the number of re-plans can be seen.
        again = next_working(new, 3)
        story.replan(
            again,
            plan_id,
            "construction_started",
            old=str(new),
            new="2024-Q4",
            reason="受台风影响再次顺延",
        )
        new = date(2024, 12, 31)
    started = working(later(new, -6))
    start(story, max(started, next_working(permitted)))
    enrolled = min(next_working(started, 3), date(2024, 12, 30))
    enrol(story, enrolled)
    _report(story, plan, since=max(started.month, enrolled.month))


def late_land(book: Book, index: int) -> None:
    """Leave the land award overdue at the end of October; the works begin in December."""
    story = _signed(book, working(date(2024, 1, 9 + 4 * index)))
    _list(story, kind="new")
    due = date(2024, 8 + index // 2, 20 + index)
    story.plan(working(date(2024, 3, 20)), "land_awarded", due.isoformat())
    story.plan(working(date(2024, 3, 20)), "construction_started", "2024-12")
    foreseen = {"node": "land_awarded", "forecast": "2024-11", "confidence": "medium"}
    story.tell("MilestoneForecast", working(date(2024, 9, 10 + index)), foreseen)
    if index == OVERRIDDEN:
        _override(story, working(date(2024, 9, 12)))
    permitted = _build(story, working(date(2024, 11, 11 + index)))
    _start_at_last(story, next_working(permitted))
    if index == 1:
        ask(
            story,
            date(2024, 12, 4),
            "人防办",
            "补充人防异地建设论证",
            status="upheld",
            decided=date(2024, 12, 12),
        )


def _override(story: Story, on: date) -> None:
    """Show another colour than the computed one for some weeks (人工改色)."""
    story.tell(
        "ColourOverridden",
        on,
        {
            "node": "land_awarded",
            "colour": "yellow",
            "until": "2024-09-30",
            "approved_by": "武进区重大项目办公室",
        },
        reason="地块报批已列入近期计划，经会议同意暂以黄灯显示",
    )


def _start_at_last(story: Story, on: date) -> None:
    """Start and enrol before the year ends."""
    start(story, on)
    enrol(story, min(next_working(on, 3), date(2024, 12, 31)))


def late_start(book: Book, index: int) -> None:
    """Leave the start, or the permit before it, overdue at the end of October."""
    story = _signed(book, working(date(2023, 10, 10 + 3 * index)))
    plan = _list(story, kind="new")
    _build(story, working(date(2024, 4, 8 + 2 * index)))
    planned_on = working(date(2024, 2, 5))
    due = date(2024, 8 + index // 2, 10 + 4 * index).isoformat()
    started = index == OVERDUE_START - 1
    story.plan(planned_on, "construction_started", "2024-07-31" if started else due)
    if started:
        story.plan(planned_on, "completion_accepted", "2024-Q3")
        start(story, date(2024, 7, 22))
        enrol(story, date(2024, 7, 30))
        _report(story, plan, since=8)
    else:
        story.plan(planned_on, "completion_accepted", "2025-01-20")
        _start_at_last(story, date(2024, 11, 12 + index))
    story.plan(planned_on, "commissioned", "2025-Q3")
    for department, what, status in (
        ("水务局", "补做水土保持监测", "upheld"),
        ("气象局", "补做防雷检测", "dropped"),
    )[index : index + 1]:
        ask(story, date(2024, 6, 18), department, what, status=status, decided=date(2024, 6, 27))


def on_time(book: Book, index: int) -> tuple[int, int]:
    """Keep the plan; give it, and what was done. The first seven are on the higher lists too."""
    random = book.random
    continuing = PROVINCIAL_NEW <= index < PROVINCIAL_NEW + PROVINCIAL_CONTINUING
    provincial = index < PROVINCIAL_ENTRIES
    year = 2022 if continuing else 2023
    story = _signed(book, working(date(year, 4, 6 + index)))
    plan = _list(story, kind="continuing" if continuing else "new", provincial=provincial)
    awarded = working(date(year, 10, 9 + index) if continuing else date(2024, 1, 8 + index))
    if index % 4 == 1:
        build_at_once(story, awarded, random.randint(200, 700))
        permitted = next_working(awarded)
    else:
        permitted = _build(story, awarded)
    started = next_working(permitted, random.randint(2, 12))
    enrolled = next_working(started, random.randint(2, 8))
    story.plan(next_working(awarded), "construction_started", as_month(later(started, 20)))
    start(story, started)
    enrol(story, enrolled)
    if continuing:
        accepted = working(date(2024, 9, 12 + index))
        story.plan(next_working(started), "completion_accepted", as_quarter(accepted))
        story.plan(next_working(started), "commissioned", "2025-Q1")
        seen = {"percent": "70", "element": "topping-out"}
        story.tell("PhysicalProgressReported", working(date(2024, 7, 15)), seen)
        accept(story, accepted)
    else:
        story.plan(next_working(awarded), "commissioned", as_half(later(started, 480)))
    through = OCTOBER if provincial else LAST_MONTH
    return _report(story, plan, since=1 if continuing else enrolled.month, through=through)
