"""Plan against actual over lists, compared with a plain count over the same facts."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.investment import (
    completion,
    pace_gap,
    performance,
    reports,
    share_due,
    year_to_date,
)
from domain.listing import BROADEST_FIRST, RESERVE, Listing
from domain.policy import parse
from domain.project import Project, project_at
from domain.ratio import half_up
from domain.working_days import CalendarUnknown
from tests.projections.asking import Row
from tests.projections.money_and_lists import (
    YI,
    amended,
    invested,
    listed,
    published,
    registered,
)
from tests.projections.relations_of import ROOTS, project, reader, telling
from tests.projections.steering import adopted

LEVELS = ("district", "municipal", "prefecture", "provincial")
LISTS = [published(f"l-{level}", level) for level in LEVELS[1:]]
PROJECTS = ("p1", "p2", "p3", "p4")
DISTRICTS = dict(zip(PROJECTS, ("320582", "320582", "320412", "321102"), strict=True))


def asked(
    connection: Connection[Any], on: str, group_by: str = "level", **arguments: Any
) -> dict[str, Row]:
    given_ = {"year": 2024, "through": "2024-12", "basis": "statistical", "group_by": group_by}
    rows = reader(connection, on).rows(ROOTS["plan_actual"], **{**given_, **arguments})
    return {row("key"): row for row in rows}


def shown(row: Row) -> tuple[Any, ...]:
    return (
        int(row("projects")),
        row.amount("plan"),
        row.amount("actual"),
        row.percent("completion"),
        row("pace_gap_pp"),
        int(row("unreported")),
    )


@pytest.mark.parametrize(
    ("plan", "actual", "percent", "ahead"),
    [
        (38_300_000_000, 47_570_000_000, "124.2", "24.2"),
        (5_803_000_000, 8_240_000_000, "142.0", "42.0"),
        (20_600_000_000, 29_210_000_000, "141.8", "41.8"),
        (64_740_000_000, 62_900_000_000, "97.2", "-2.8"),
    ],
)
def test_the_published_rates(
    read_models: Connection[Any], plan: int, actual: int, percent: str, ahead: str
) -> None:
    facts = [
        registered("p1"),
        published("m", "municipal"),
        listed("p1", "m", "new", plan),
        invested("p1", "2024-12", actual),
    ]

    with telling(read_models, facts) as connection:
        row = asked(connection, "2024-12-31")["MUNICIPAL"]

        assert (row.percent("completion"), row("pace_gap_pp")) == (percent, ahead)


EVENLY = ""
STEEP = 'curve = "monthly"\nmonthly_percent = [0, 0, 10, 20, 30, 50, 60, 70, 80, 90, 95, 100]'
BY_WORK = 'curve = "workdays"'


@pytest.mark.parametrize(
    ("rules", "through", "told"),
    [
        # 30 of 100 are invested by June.
        (None, "2024-06", ("-20.0", "0.60", "5000000000")),
        (EVENLY, "2024-06", ("-20.0", "0.60", "5000000000")),
        (STEEP, "2024-06", ("-20.0", "0.60", "5000000000")),
        (STEEP, "2024-05", ("-30.0", "0.00", "3000000000")),
        (STEEP, "2024-02", ("0.0", None, "0")),
        (STEEP, "2024-12", ("-70.0", "0.30", "10000000000")),
        # 123 of the 251 working days of 2024 are over by the end of June.
        (BY_WORK, "2024-06", ("-19.0", "0.61", "4900398406")),
        (BY_WORK, "2024-12", ("-70.0", "0.30", "10000000000")),
    ],
)
def test_the_policy_says_how_much_is_due_by_when(
    read_models: Connection[Any],
    rules: str | None,
    through: str,
    told: tuple[str, str | None, str],
) -> None:
    facts = [
        *(() if rules is None else [adopted("pace", rules, jurisdiction="3205")]),
        registered("p1"),
        published("m", "municipal"),
        listed("p1", "m", "new", 100 * YI),
        invested("p1", "2024-06", 30 * YI),
    ]
    regions = {"filter.region": ["320582"]}

    with telling(read_models, facts) as connection:
        row = asked(connection, "2024-12-31", through=through, **regions)["MUNICIPAL"]
        points = project(connection, "p1", "2024-12-31").many("investment", year=2024)

        assert (row("pace_gap_pp"), row("spi"), row.amount("plan_to_date")) == told
        assert (row.one("pace_policy") is None) == (rules is None)
        if through == "2024-06":
            assert [(p("pace_gap_pp"), p("spi"), p.amount("plan_to_date")) for p in points] == [
                told
            ]
            known = None if rules is None else parse(facts[0].payload["body"]).rules
            exact = share_due(2024, 6, known) * 100 * YI
            index = performance(30 * YI, exact) or 0
            assert (f"{half_up(index, 2):f}", f"{half_up(exact, 0):f}") == told[1:]


def test_a_year_without_a_calendar_has_no_share_of_its_working_days(
    read_models: Connection[Any],
) -> None:
    facts = [
        adopted("pace", BY_WORK),
        registered("p1"),
        published("far", "municipal", year=2060),
        listed("p1", "far", "new", YI),
    ]

    with telling(read_models, facts) as connection:
        row = asked(connection, "2060-12-31", year=2060, through="2060-06")["MUNICIPAL"]

        shown_ = (row("pace_gap_pp"), row("spi"), row.amount("plan_to_date"))
        assert shown_ == (None, None, None)
        assert "not published" in row("pace_unknown")
    with pytest.raises(CalendarUnknown):
        share_due(2060, 6, {"curve": "workdays"})


def test_one_set_for_plan_and_actual(read_models: Connection[Any]) -> None:
    facts = [
        *(registered(each, DISTRICTS[each]) for each in PROJECTS),
        *LISTS,
        listed("p1", "l-municipal", "new", 10 * YI),
        listed("p1", "l-provincial", "new", 9 * YI),
        listed("p2", "l-municipal", "reserve", 50 * YI),
        listed("p3", "l-municipal", "continuing", 4 * YI),
        amended("p3", "l-municipal", "replan", "2024-07-01", plan=5 * YI),
        listed("p4", "l-municipal", "completing", 3 * YI),
        amended("p4", "l-municipal", "remove", "2024-09-01"),
        *(invested(each, "2024-06", 2 * YI) for each in ("p1", "p2", "p4")),
        invested("p1", "2024-12", 11 * YI),
        invested("p1", "2024-12", 3 * YI, basis="reported"),
    ]

    with telling(read_models, facts) as connection:
        year_end = asked(connection, "2024-12-31")
        june = asked(connection, "2024-06-30", through="2024-06")
        summer = asked(connection, "2024-06-29", through="2024-06")
        classes = asked(connection, "2024-12-31", "class")
        regions = asked(connection, "2024-12-31", "region", **{"filter.region": ["3205"]})

        assert shown(year_end["PROVINCIAL"])[:3] == (1, "900000000", "1100000000")
        assert shown(year_end["MUNICIPAL"]) == (2, "1500000000", "1100000000", "73.3", "-26.7", 1)
        assert shown(june["MUNICIPAL"]) == (3, "1700000000", "400000000", "23.5", "-26.5", 1)
        assert shown(summer["MUNICIPAL"])[2] == "0"
        assert set(classes) == {"NEW", "CONTINUING"}
        assert shown(regions["320582"])[:2] == (1, "1000000000")


def test_who_is_not_registered_is_in_no_group(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        registered("p2", on="2024-06-15"),
        *LISTS,
        *(listed(each, "l-municipal", "new", YI) for each in ("p1", "p2", "p3")),
    ]

    with telling(read_models, facts) as connection:
        for on, found in (("2024-06-14", 1), ("2024-06-15", 2)):
            for group_by in ("level", "region", "class", "industry"):
                rows = asked(connection, on, group_by).values()
                assert [int(row("projects")) for row in rows] == [found], group_by


def test_a_project_of_a_higher_list_counts_on_the_lower_ones_of_its_district(
    read_models: Connection[Any],
) -> None:
    facts = [
        *(registered(each, DISTRICTS[each]) for each in PROJECTS),
        *LISTS,
        listed("p1", "l-municipal", "new", 10 * YI),
        listed("p2", "l-provincial", "new", 7 * YI),
        listed("p4", "l-provincial", "new", 1 * YI),
    ]

    with telling(read_models, facts) as connection:
        rows = asked(connection, "2024-12-31")

        assert shown(rows["MUNICIPAL"])[:2] == (2, "1700000000")
        assert shown(rows["PROVINCIAL"])[:2] == (2, "800000000")
        assert set(rows) == {"MUNICIPAL", "PROVINCIAL"}


def test_nothing_listed_gives_no_group(read_models: Connection[Any]) -> None:
    with telling(read_models, [registered("p1")]) as connection:
        assert asked(connection, "2024-12-31") == {}


months = st.integers(1, 12).map(lambda month: f"2024-{month:02d}")
days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(str)
dates = st.one_of(days, months, st.sampled_from(["2024-Q1", "2024-H1", "2024"]))
plans = st.integers(0, 9_999)
names = st.sampled_from([told.payload["list_id"] for told in LISTS])
classes_ = st.sampled_from(["new", "continuing", "completing", "reserve"])
about_lists = st.one_of(
    st.builds(listed, st.sampled_from(PROJECTS), names, classes_, plans, dates),
    st.builds(amended, st.sampled_from(PROJECTS), names, st.just("remove"), dates),
    st.builds(amended, st.sampled_from(PROJECTS), names, st.just("replan"), dates, plan=plans),
    st.builds(
        amended,
        st.sampled_from(PROJECTS),
        names,
        st.sampled_from(["add", "reclassify"]),
        dates,
        class_=classes_,
    ),
)
about_money = st.builds(
    invested,
    st.sampled_from(PROJECTS),
    months,
    st.integers(0, 9_999),
    st.sampled_from(["statistical", "reported"]),
)
told_facts = st.lists(st.one_of(about_lists, about_lists, about_money), max_size=30)


def counted(projects: list[Project], level: str) -> list[Listing]:
    """Find the entries that count on a level: its own, else the nearest higher one."""
    found = []
    for each in projects:
        entries = [e for e in each.listings if e.entry_class != RESERVE and e.year == 2024]
        present = any(
            entry.level == level
            for other in projects
            if other.district == each.district
            for entry in other.listings
            if entry.entry_class != RESERVE
        )
        rank = BROADEST_FIRST.index
        higher = [e for e in entries if rank(e.level) >= rank(level)]
        if present and higher:
            found.append(min(higher, key=lambda entry: rank(entry.level)))
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=told_facts, on=st.dates(date(2024, 1, 1), date(2025, 1, 31)), month=st.integers(1, 12))
def test_sql_counts_as_the_domain_does(
    read_models: Connection[Any], told: list[Fact], on: date, month: int
) -> None:
    facts = [*told, *LISTS, *(registered(each, DISTRICTS[each]) for each in PROJECTS)]
    projects = [
        project_at([f for f in facts if f.project == each], on, [], LISTS) for each in PROJECTS
    ]
    expected = {}
    for level in LEVELS:
        owners = [each for each in projects if counted(projects, level)]
        sums: dict[str, Any] = defaultdict(int)
        for each in owners:
            entries = [e for e in counted(projects, level) if e in each.listings]
            if not entries:
                continue
            ytd = year_to_date(reports(each.facts, 2024, "statistical"), month)
            sums["projects"] += 1
            sums["plan"] += entries[0].annual_plan or 0
            sums["actual"] += ytd or 0
            sums["unreported"] += ytd is None
        if sums:
            percent = completion(sums["actual"], sums["plan"]).percent()
            gap = pace_gap(sums["actual"], sums["plan"], month)
            expected[level.upper()] = (
                sums["projects"],
                str(sums["plan"]),
                str(sums["actual"]),
                None if percent is None else f"{percent:f}",
                None if gap is None else f"{half_up(gap, 1):f}",
                sums["unreported"],
            )

    with telling(read_models, facts) as connection:
        rows = asked(connection, on.isoformat(), through=f"2024-{month:02d}")

        assert {key: shown(row) for key, row in rows.items()} == expected


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=told_facts, on=st.dates(date(2024, 1, 1), date(2025, 1, 31)))
def test_the_curve_and_the_listings_of_a_project(
    read_models: Connection[Any], told: list[Fact], on: date
) -> None:
    facts = [*told, *LISTS, registered("p1")]
    whole = project_at([f for f in facts if f.project == "p1"], on, [], LISTS)

    with telling(read_models, facts) as connection:
        row = project(connection, "p1", on)
        points = row.many("investment", year=2024)
        entries = row.many("listings")

        assert [
            (point("period"), point.amount("ytd"), point.amount("plan_to_date")) for point in points
        ] == [
            (p.period, str(p.ytd), _whole(p.plan_to_date))
            for p in whole.investment(2024, "statistical")
        ]
        assert [(point.percent("completion"), point("pace_gap_pp")) for point in points] == [
            (
                None if p.completion is None else _text(p.completion.percent()),
                None if p.gap is None else f"{half_up(p.gap, 1):f}",
            )
            for p in whole.investment(2024, "statistical")
        ]
        assert {
            (e("list_id"), e("level"), e("class"), e.amount("annual_plan")) for e in entries
        } == {(e.list_id, e.level, e.entry_class, _text(e.annual_plan)) for e in whole.listings}


def _whole(value: Fraction | None) -> str | None:
    return None if value is None else f"{half_up(value, 0):f}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
