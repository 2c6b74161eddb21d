"""Meetings held as often as the policy wants, in the periods of the calendar."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from domain.cadence import MONTHS, Cadence, Period, periods
from domain.fact import Fact
from projections.terms.periods import periods as in_sql
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import of_stream, registered
from tests.projections.steering import adopted as adopted_here
from tests.projections.test_issues import met
from tests.projections.test_requests import adopted

CADENCES: tuple[Cadence, ...] = ("weekly", *MONTHS)
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize("cadence", CADENCES)
@given(one=DAYS, other=DAYS)
def test_periods_follow_each_other_and_hold_both_ends(
    cadence: Cadence, one: date, other: date
) -> None:
    since, until = sorted((one, other))
    found = list(periods(cadence, since, until))

    assert found[0].first <= since <= found[0].last
    assert found[-1].first <= until <= found[-1].last
    assert all(b.first - a.last == timedelta(days=1) for a, b in pairwise(found))


@pytest.mark.parametrize("cadence", CADENCES)
def test_sql_cuts_the_same_periods(read_models: Connection[Any], cadence: Cadence) -> None:
    for since, until in ((date(2023, 12, 27), date(2025, 3, 2)), (date(2024, 2, 29),) * 2):
        text = in_sql(f"'{cadence}'", f"date '{since}'", f"date '{until}'")
        found = read_models.execute(f"{text} ORDER BY 1".encode()).fetchall()

        assert [Period(*row) for row in found] == list(periods(cadence, since, until))


def states(row: Row) -> list[str]:
    return [period("state") for period in row.many("periods")]


def test_a_monthly_meeting_is_kept_missed_or_open(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        adopted("calendar/zhangjiagang@2024"),
        met("M1", "2024-01-31", [], level="city", district="320582"),
        met("M2", "2024-02", [], level="city", district="320582"),
        met("M3", "2024-Q2", [], level="city", district="320582"),
        met("M4", "2024-04-10", [], level="county", district="320582"),
        met("M5", "2024-04-10", [], level="city", district="320412"),
        met("M6", "2024-05-10", [], level="city", district="320582", cadence="quarterly"),
    ]
    span = {"from": "2024-01-01", "to": "2024-06-30", "region": ["320582"]}

    with telling(read_models, facts) as connection:
        (end,) = ask(connection, "review_calendar", "2024-07-01", **span)
        (last,) = ask(connection, "review_calendar", "2024-06-30", **span)
        (start,) = ask(connection, "review_calendar", "2024-01-30", **span)

        assert states(end) == ["kept", "kept", *["missed"] * 4]
        assert end.percent("kept") == "33.3"
        assert last.percent("kept") == "40.0"
        assert (states(start), start.percent("kept")) == (["open"], None)
        assert ask(connection, "review_calendar", "2024-07-01", **{**span, "region": ["99"]}) == []


def test_nothing_is_judged_before_the_policy_took_effect(read_models: Connection[Any]) -> None:
    span = {"from": "2020-11-01", "to": "2021-02-28", "region": ["320582"]}

    with telling(read_models, [adopted("calendar/zhangjiagang@2024")]) as connection:
        (series,) = ask(connection, "review_calendar", "2024-07-01", **span)
        (nothing,) = ask(
            connection, "review_calendar", "2024-07-01", **{**span, "to": "2020-12-31"}
        )

        assert [period("from") for period in series.many("periods")] == ["2021-01-01", "2021-02-01"]
        assert (nothing.many("periods"), nothing.percent("kept")) == ([], None)


def test_the_period_in_which_a_rhythm_began_is_not_missed(read_models: Connection[Any]) -> None:
    series = "".join(
        f'[[calendar.series]]\nname = "{every}"\nlevel = "city"\nevery = "{every}"\n'
        for every in ("monthly", "yearly")
    )
    first, second = (
        adopted_here("calendar", series, version=version, since=since)
        for version, since in (("1", "2023-03-15"), ("2", "2024-06-15"))
    )
    span = {"from": "2023-01-01", "to": "2024-12-31", "region": ["3205"]}

    def judged(told: list[Fact], on: str) -> list[list[str]]:
        with telling(read_models, told) as connection:
            rows = ask(connection, "review_calendar", on, **span)
            return [[each("from") for each in row.many("periods")] for row in rows]

    months, years = judged([first], "2023-05-31")
    assert (months, years) == (["2023-04-01", "2023-05-01"], [])
    # A new version goes on with the periods that have begun under the one before it.
    months, years = judged([first, second], "2024-07-31")
    assert (months, years) == (["2024-06-01", "2024-07-01"], ["2024-01-01"])


def ranked(quarter: str, districts: list[str]) -> Fact:
    told = fact(
        "RankingPublished",
        quarter,
        None,
        round_id=f"{quarter}-{districts[0]}",
        published_on="2019-01-20",
        ranks=dict.fromkeys(districts, 1),
        scores={district: {} for district in districts},
    )
    return of_stream(told, f"round/{quarter}-{districts[0]}")


def test_each_series_of_a_city_is_judged_by_its_own_rhythm(read_models: Connection[Any]) -> None:
    facts = [
        adopted("calendar/nantong@2019"),
        *(
            met(f"M{month}", f"2018-{month:02d}-15", [], level="city", district="320600")
            for month in (1, 3, 5, 8, 12)
        ),
        *(ranked(quarter, ["320621", "320682"]) for quarter in ("2018-Q1", "2018-Q3")),
        ranked("2018-Q2", ["320582"]),
    ]
    span = {"from": "2018-01-01", "to": "2018-12-31", "region": ["3206"]}

    with telling(read_models, facts) as connection:
        rows = ask(connection, "review_calendar", "2019-01-31", **span)
        before = ask(connection, "review_calendar", "2019-01-19", **span)

        # A ranking keeps its quarter once it is published.
        assert [row.percent("kept") for row in before if row("cadence") == "quarterly"] == ["0.0"]
        assert {row("cadence"): row.percent("kept") for row in rows} == {
            "monthly": "41.7",
            "two_monthly": "83.3",
            "quarterly": "50.0",
            "half_yearly": "100.0",
            "yearly": "100.0",
        }


def visited(on: str, visit: str, project: str = "p1", **changes: Any) -> Fact:
    return fact("SiteVisitLogged", on, project, visit_id=visit, **changes)


def test_the_log_of_a_team_week_by_week(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1", "321102"),
        registered("p2", "321102"),
        visited("2025-03-01", "V1", topics=["用地"]),
        visited("2025-03-02", "V1", "p2", topics=[]),
        visited("2025-03-16", "V2", topics=["用电", "用地"]),
        met("M1", "2025-03-09", [], level="team", district="321100"),
        met("M2", "2025-03-23", [], level="team", district="321100"),
        adopted("calendar/zhenjiang@2025"),
    ]
    span = {"from": "2025-01-01", "to": "2025-12-31", "region": ["3211"]}

    with telling(read_models, facts) as connection:
        rows = ask(connection, "dispatch_log", "2025-12-31", **span)
        (monthly,) = ask(connection, "dispatch_log", "2025-12-31", every="MONTHLY", **span)
        names = ("from", "visits", "visited", "reviews", "topics")

        assert [tuple(row(name) for name in names) for row in rows] == [
            ("2025-02-24", "2", "2", "0", "{用地}"),
            ("2025-03-03", "0", "0", "1", "{}"),
            ("2025-03-10", "1", "1", "0", "{用地,用电}"),
            ("2025-03-17", "0", "0", "1", "{}"),
        ]
        assert (monthly("from"), monthly("to"), monthly("visits")) == (
            "2025-03-01",
            "2025-03-31",
            "3",
        )
        calendar = {**span, "from": "2025-02-24", "to": "2025-03-23"}
        (weekly,) = ask(connection, "review_calendar", "2025-03-24", **calendar)
        assert states(weekly) == ["missed", "kept", "missed", "kept"]
        assert ask(connection, "dispatch_log", "2025-12-31", **{**span, "region": ["99"]}) == []
