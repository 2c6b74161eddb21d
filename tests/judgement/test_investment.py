"""Plan, completion and pace of the year, exact and rounded once."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.investment import (
    completion,
    curve,
    months_over,
    pace_gap,
    reports,
    year_to_date,
)
from domain.listing import annual_plan, listings
from domain.ratio import half_up
from tests.judgement.facts import day, fact


def reported(month: str, yuan: int, basis: str = "statistical") -> object:
    return fact("InvestmentReported", month, ytd={"yuan": yuan}, basis=basis)


@pytest.mark.parametrize(
    ("ytd", "plan", "month", "gap"),
    [("103.9", "100", 12, "3.9"), ("63.8", "100", 6, "13.8"), ("40", "100", 6, "-10.0")],
)
def test_the_gap_to_time_is_in_percentage_points(ytd: str, plan: str, month: int, gap: str) -> None:
    exact = pace_gap(Decimal(ytd), Decimal(plan), month)

    assert exact is not None
    assert half_up(exact, 1) == Decimal(gap)


def test_without_a_plan_there_is_neither_rate_nor_gap() -> None:
    assert completion(5, 0).percent() is None
    assert pace_gap(5, 0, 6) is None


@pytest.mark.parametrize(
    ("on", "months"),
    [
        ("2024-01-30", 0),
        ("2024-01-31", 1),
        ("2024-06-29", 5),
        ("2024-06-30", 6),
        ("2024-12-31", 12),
        ("2025-03-01", 12),
        ("2023-12-31", 0),
    ],
)
def test_a_month_is_over_on_its_last_day(on: str, months: int) -> None:
    assert months_over(2024, day(on)) == months


def test_the_last_report_up_to_a_month_holds() -> None:
    facts = [
        reported("2024-05", 50),
        reported("2024-02", 20),
        reported("2024-02", 25),
        reported("2024-03", 90, "reported"),
        reported("2023-12", 99),
    ]
    monthly = reports(facts, 2024, "statistical")

    assert [(each.month, each.ytd) for each in monthly] == [(2, 25), (5, 50)]
    assert year_to_date(monthly, 1) is None
    assert year_to_date(monthly, 4) == 25
    assert year_to_date(monthly, 12) == 50


def test_the_curve_has_a_point_for_every_report() -> None:
    monthly = reports([reported("2024-06", 30), reported("2024-12", 130)], 2024, "statistical")

    half, full = curve(monthly, 100)
    bare, _ = curve(monthly, None)

    assert (half.period, half.ytd, half.plan_to_date, half.gap) == ("2024-06", 30, 50, -20)
    assert full.completion is not None
    assert full.completion.percent() == 130
    assert (bare.plan_to_date, bare.completion, bare.gap) == (None, None, None)


def published(list_id: str, level: str, year: int = 2024) -> object:
    return fact(
        "MajorProjectListPublished", f"{year}-01-20", None, list_id=list_id, level=level, year=year
    )


def listed(list_id: str, plan: int, on: str = "2024-02-01", entry: str = "new") -> object:
    return fact(
        "ProjectListed", on, list_id=list_id, annual_plan={"yuan": plan}, **{"class": entry}
    )


def amended(list_id: str, act: str, on: str, **changes: object) -> object:
    changes.setdefault("annual_plan", None)
    return fact("ListingAmended", on, list_id=list_id, act=act, **changes)


def test_the_widest_list_gives_the_plan() -> None:
    lists = [
        published("m", "municipal"),
        published("p", "provincial"),
        published("s", "prefecture"),
    ]
    entries = listings([listed("p", 58), listed("m", 60), listed("s", 59)], lists)

    assert [entry.level for entry in entries] == ["municipal", "provincial", "prefecture"]
    assert annual_plan(entries, 2024) == 60
    assert annual_plan(entries, 2023) is None


def test_a_reserve_entry_has_no_plan_to_keep() -> None:
    lists = [published("m", "municipal"), published("p", "provincial")]

    entries = listings([listed("m", 60, entry="reserve"), listed("p", 58)], lists)

    assert annual_plan(entries, 2024) == 58


def test_amendments_change_what_they_state_and_leave_the_rest() -> None:
    (entry,) = listings(
        [
            listed("m", 60),
            amended("m", "replan", "2024-05-01", annual_plan={"yuan": 50}),
            amended("m", "reclassify", "2024-06-01", **{"class": "continuing"}),
        ],
        [published("m", "municipal")],
    )

    assert (entry.annual_plan, entry.entry_class) == (50, "continuing")


def test_a_removed_entry_is_gone_until_it_is_added_again() -> None:
    lists = [published("m", "municipal")]
    removed = [listed("m", 60), amended("m", "remove", "2024-05-01")]

    assert listings(removed, lists) == []
    (again,) = listings([*removed, amended("m", "add", "2024-06-01")], lists)
    assert again.annual_plan == 60
    assert listings([amended("m", "replan", "2024-06-01")], lists) == []


def test_an_entry_counts_once_its_list_is_published() -> None:
    assert listings([listed("m", 60)], []) == []


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.integers(1, 12))
def test_rate_and_gap_differ_by_the_share_of_the_year(plan: int, ytd: int, month: int) -> None:
    gap, share = pace_gap(ytd, plan, month), completion(ytd, plan).exact()

    assert gap is not None
    assert share is not None
    assert gap + Fraction(month * 100, 12) == share * 100
