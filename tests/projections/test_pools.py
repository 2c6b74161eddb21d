"""Balances of resource pools, and the moments they were overdrawn."""

from typing import Any

from psycopg import Connection

from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.steering import moved

SUMS = ("credited", "released", "allocated", "expired", "reserved", "available")


def sums(row: Row) -> tuple[str, ...]:
    return tuple(row(name) for name in SUMS)


def test_a_balance_is_what_came_in_less_what_is_gone_or_set_aside(
    read_models: Connection[Any],
) -> None:
    facts = [
        moved("credit", "1000.50"),
        moved("reserve", "200", "2024-03-02"),
        moved("allocate", "300", "2024-03-03"),
        moved("release", "50", "2024-03-04"),
        moved("expire", "20", "2024-06"),
    ]

    with telling(read_models, facts) as connection:
        (later,) = ask(connection, "pools", "2024-06-30")
        (before,) = ask(connection, "pools", "2024-06-29")

        assert sums(later) == ("1000.5", "50", "300", "20", "200", "530.5")
        assert sums(before) == ("1000.5", "50", "300", "0", "200", "550.5")
        assert (later("resource"), later("unit")) == ("energy_tce", "tce")
        latest = [row.columns["position"] for row in later.many("movements", first=2)]
        assert latest == [str(fact.position) for fact in (facts[4], facts[3])]
        assert later.many("overdrafts") == []


def test_a_pool_that_was_overdrawn_says_by_what(read_models: Connection[Any]) -> None:
    facts = [
        moved("credit", "10"),
        moved("allocate", "12", "2024-03-02"),
        moved("credit", "5", "2024-03-03"),
    ]

    with telling(read_models, facts) as connection:
        (row,) = ask(connection, "pools", "2024-12-31")

        assert row("available") == "3"
        wrong = [each.columns["position"] for each in row.many("overdrafts")]
        assert wrong == [str(facts[1].position)]


def test_resources_of_a_pool_are_told_apart_and_regions_found(
    read_models: Connection[Any],
) -> None:
    facts = [
        moved("credit", "1", pool="ZJG", district="320582"),
        moved("credit", "2", pool="ZJG", resource="cod_t"),
        moved("credit", "3", pool="321100/energy"),
        moved("credit", "4", pool="somewhere"),
    ]

    with telling(read_models, facts) as connection:
        found = {
            region: {(row("pool"), row("resource")) for row in ask(connection, "pools", *args)}
            for region, args in {"all": ("2024-12-31",)}.items()
        }
        assert len(found["all"]) == 4
        zhenjiang = ask(connection, "pools", "2024-12-31", region=["3211"])
        # A pool, or a resource of it, that never named its region belongs to whoever asks.
        assert {row("pool") for row in zhenjiang} == {"321100/energy", "ZJG", "somewhere"}
        assert {row("region") for row in zhenjiang} == {"3211", None}
        assert ask(connection, "pools", "2024-02-28") == []


def test_quotas_whose_validity_is_over_are_told(read_models: Connection[Any]) -> None:
    facts = [
        moved("credit", "10", valid_until="2024-06-30"),
        moved("credit", "5", valid_until="2025"),
        moved("credit", "7"),
        moved("allocate", "4", "2024-03-02"),
        moved("reserve", "3", "2024-03-03", valid_until="2024-05"),
        moved("release", "1", "2024-03-04"),
        moved("expire", "4", "2024-09-01"),
    ]

    with telling(read_models, facts) as connection:

        def told(on: str) -> list[tuple[str, ...]]:
            (row,) = ask(connection, "pools", on)
            found = ask(connection, "deviations", on, rule="Q02")
            at_odds = [each.columns["positions"] for each in found]
            return [tuple(map(row, ("available", "lapsed", "lapsed_reserved"))), *at_odds]

        credit, reserve = facts[0].position, facts[4].position
        assert told("2024-05-31") == [("16", "0", "0")]
        assert told("2024-06-01") == [("16", "0", "2"), f"{{{reserve}}}"]
        assert told("2024-06-30") == [("16", "0", "2"), f"{{{reserve}}}"]
        # Of the ten, four were allocated and two are still set aside.
        assert told("2024-07-01") == [("16", "4", "2"), f"{{{credit},{reserve}}}"]
        assert told("2024-09-01") == [("12", "0", "2"), f"{{{credit},{reserve}}}"]
        assert told("2026-01-01")[0] == ("12", "5", "2")
