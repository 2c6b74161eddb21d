"""Targets as gauges: values on the day, exactly compared, or the reason why there is none."""

from typing import Any

import pytest
from psycopg import Connection

from domain.fact import Fact
from domain.measures import basis_of, least_yi, measure_of
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import (
    YI,
    invested,
    listed,
    published,
    registered,
    target,
)
from tests.projections.steering import adopted, signed, started


def gauges(connection: Connection[Any], on: str, **arguments: Any) -> dict[str, Row]:
    rows = ask(connection, "targets", on, **{"year": 2025, **arguments})
    return {row("target"): row for row in rows}


def read(row: Row) -> tuple[Any, ...]:
    return row("actual"), row("met"), row("reason")


def wanted(id_: str, metric: str, threshold: str, **changes: Any) -> Fact:
    told = {"scope": "3211", "due": "2025-12-31", "metric": metric} | changes
    return target(id_, told.pop("scope"), threshold, told.pop("due"), **told)


TARGETS = [
    wanted("rate", "start_rate", "66.7", scope="3211/municipal", due="2025-06-30"),
    wanted("ratio", "start_rate", "0.6667", scope="3211/municipal", unit="ratio"),
    wanted("exact", "start_rate", "66.66", scope="3211/municipal"),
    wanted("money", "investment", "1.5", unit="亿元", comparator=">"),
    wanted("statistical", "investment (statistical)", "15000", unit="万元"),
    wanted("new", "new_projects_over_1yi", "2", unit="count"),
    wanted("park", "park_entry_rate", "95", due="2025"),
    wanted("stock", "stock_land", "12.5", unit="mu", comparator="<="),
    wanted("hectares", "stock_land", "0.8333", unit="ha", scope="镇江市"),
    wanted("square", "stock_land", "8333", unit="m²", scope="全市"),
    wanted("nowhere", "starts", "1", scope="nowhere", unit="count"),
    wanted("misfit", "stock_land", "1", unit="percent"),
    wanted("growth", "industrial growth", "5.1"),
    wanted("elsewhere", "starts", "1", scope="3205", unit="count"),
    wanted("other-year", "starts", "1", due="2024-12-31"),
]
LIFE = [
    published("m", "municipal", "2025-01-10", 2025),
    *(registered(each, "321102") for each in ("a", "b", "c")),
    *(listed(each, "m", "new", YI, "2025-01-10") for each in ("a", "b", "c")),
    started("a", "2025-02-01"),
    started("b", "2025-06"),
    signed("a", "2025-03-01", YI),
    signed("b", "2025-03-01", YI - 1),
    signed("c", "2024-12-31", 5 * YI),
    invested("a", "2025-05", 150_000_000, "reported"),
    invested("a", "2025-05", 140_000_000, "statistical"),
    fact("LandResumedOrIdle", "2025-04-01", "a", act="returned", area_mu="12.5"),
]


def test_every_target_of_the_year_shows_what_is_reached(read_models: Connection[Any]) -> None:
    with telling(read_models, [*LIFE, *TARGETS]) as connection:
        found = gauges(connection, "2025-06-30", region=["3211"])

        assert {name: read(row) for name, row in found.items()} == {
            # Two of three are 66.67 percent when shown and less when compared.
            "rate": ("66.67", "false", None),
            "ratio": ("0.6667", "false", None),
            "exact": ("66.67", "true", None),
            "money": ("1.5", "false", None),
            "statistical": ("14000", "false", None),
            "new": ("1", "false", None),
            "park": ("100", "true", None),
            "stock": ("12.5", "true", None),
            "hectares": ("0.8333", "true", None),
            "square": ("8333.33", "true", None),
            "nowhere": (None, None, "The scope names no region or level that is known."),
            "misfit": (None, None, "The unit does not fit what is measured."),
            "growth": (None, None, "The ledger does not measure this."),
        }
        share = found["rate"].one("rate")
        assert share is not None
        assert (share("numerator"), share("denominator")) == ("2", "3")
        assert found["new"].one("rate") is None
        assert [found[name]("past_due") for name in ("rate", "new")] == ["false", "false"]
        assert set(gauges(connection, "2025-06-30")) == {*found, "elsewhere"}


def test_a_gauge_follows_the_day_and_stops_at_the_years_end(read_models: Connection[Any]) -> None:
    late = started("c", "2026-01-01")

    with telling(read_models, [*LIFE, *TARGETS, late]) as connection:
        assert read(gauges(connection, "2025-06-29")["rate"]) == ("33.33", "false", None)
        after = gauges(connection, "2026-03-01")["rate"]
        assert (*read(after), after("past_due")) == ("66.67", "false", None, "true")


def test_a_rate_over_nothing_is_neither_met_nor_missed(read_models: Connection[Any]) -> None:
    with telling(read_models, TARGETS) as connection:
        row = gauges(connection, "2025-06-30")["rate"]
        assert read(row) == (None, None, "Not applicable: there is nothing to divide by.")
        share = row.one("rate")
        assert share is not None
        assert share("percent") is None
        before = gauges(connection, "2024-12-31")["rate"]
        assert read(before) == (None, None, "The year has not begun on the judged day.")


def test_the_gauge_of_a_start_rate_is_the_start_rate(read_models: Connection[Any]) -> None:
    more = [
        published("p", "provincial", "2025-01-10", 2025),
        registered("d", "321102"),
        listed("d", "p", "new", YI, "2025-01-10"),
        started("d", "2025-05-05"),
        listed("c", "p", "new", YI, "2025-01-10"),
    ]

    with telling(read_models, [*LIFE, *TARGETS, *more]) as connection:
        gauge = gauges(connection, "2025-06-30")["rate"]
        points = ask(
            connection,
            "start_rate",
            "2025-06-30",
            year=2025,
            levels=["MUNICIPAL"],
            region=["3211"],
            bucket="year",
        )
        shares = [found.one("rate") for found in (gauge, points[-1])]
        assert [(s("numerator"), s("denominator")) for s in shares if s is not None] == [
            ("3", "4"),
            ("3", "4"),
        ]


@pytest.mark.parametrize(("removed", "share"), [("stay", ("1", "3")), ("leave", ("1", "2"))])
def test_a_removed_project_stays_in_the_gauge_of_a_start_rate_where_the_policy_says_so(
    read_models: Connection[Any], removed: str, share: tuple[str, str]
) -> None:
    facts = [
        adopted("listing", f'removed = "{removed}"'),
        *LIFE[:7],
        started("a", "2025-02-01"),
        fact("ListingAmended", "2025-03-01", "b", list_id="m", act="remove", annual_plan=None),
        wanted("rate", "start_rate", "66.7"),
        wanted("plan", "annual_plan", "1", unit="亿元"),
    ]

    with telling(read_models, facts) as connection:
        found = gauges(connection, "2025-06-30")

        rate = found["rate"].one("rate")
        assert rate is not None
        assert (rate("numerator"), rate("denominator")) == share
        assert found["plan"]("actual") == "2"


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("start_rate", "start_rate"),
        ("Start Rate", "start_rate"),
        ("investment_completion_rate", "completion_rate"),
        ("investment", "investment"),
        ("new-projects-ge-1yi", "new_projects"),
        ("新增亿元以上项目数", "new_projects"),
        ("开工率", "start_rate"),
        ("happiness", None),
        ("", None),
    ],
)
def test_a_target_may_spell_a_measure_in_several_ways(name: str, measure: str | None) -> None:
    assert measure_of(name) == measure


def test_a_target_may_name_a_size_and_a_basis() -> None:
    assert (least_yi("new_projects_ge_10yi"), least_yi("新增1.5亿元以上"), least_yi("starts")) == (
        "10",
        "1.5",
        "0",
    )
    assert basis_of("投资", "3211 列统口径") == "statistical"
    assert basis_of("investment", "reported") == "reported"
    assert basis_of("investment") == "by-level"
