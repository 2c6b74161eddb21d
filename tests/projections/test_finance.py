"""Loans of a year, carried over and new, and the facilities behind them."""

from typing import Any

from psycopg import Connection

from domain.fact import Fact
from tests.projections.life import ask, project, telling
from tests.projections.money_and_lists import YI, listed, published, registered
from tests.projections.steering import adopted, lent, linked, started

PORT = [
    published("m", "municipal"),
    *(registered(each) for each in ("c", "n", "old", "bare", "idle")),
    registered("far", "321102"),
    listed("c", "m", "continuing", YI),
    listed("n", "m", "new", YI),
    started("old", "2023-11-30"),
    *(linked(each, "2024-02-01", f"F-{each}") for each in ("c", "n", "old", "bare")),
    linked("idle", "2022-02-01", "F-idle"),
    linked("far", "2024-02-01", "F-far"),
    # The bank calls both 889,000,000 and 364,000,000 what the lists call them, except for `old`.
    lent("c", "2024-05-06", 800_000_000, "carried"),
    lent("old", "2024-05-07", 89_000_000, "new"),
    lent("n", "2024-06", 300_000_000, "new"),
    lent("bare", "2024-12-31", 64_000_000, "new"),
    lent("n", "2025-01-01", 5, "new"),
    lent("c", "2023-12-31", 7, "carried"),
    lent("far", "2024-05-05", 11, "new"),
]


def figures(connection: Connection[Any], on: str = "2024-12-31") -> dict[str, Any]:
    (row,) = ask(connection, "finance", on, year=2024, region=["320582"])
    names = ("projects_linked", "borrowers", "carried_projects", "new_projects")
    amounts = {name: row.amount(name, "yi_yuan") for name in ("total", "carried", "new")}
    return {name: int(row(name)) for name in names} | amounts


def test_carried_and_new_add_up_as_published(read_models: Connection[Any]) -> None:
    with telling(read_models, PORT) as connection:
        assert figures(connection) == {
            "projects_linked": 5,
            "borrowers": 4,
            "carried_projects": 2,
            "new_projects": 2,
            "total": "12.53",
            "carried": "8.89",
            "new": "3.64",
        }
        assert figures(connection, "2024-06-30")["total"] == "11.89"
        assert figures(connection, "2024-05-31")["new"] == "0"


def test_the_policy_may_take_the_banks_word(read_models: Connection[Any]) -> None:
    rule = adopted("finance", 'carried_rule = "as-reported"', jurisdiction="3205")

    with telling(read_models, [*PORT, rule]) as connection:
        told = figures(connection)
        assert (told["carried"], told["new"]) == ("8", "4.53")
        (row,) = ask(connection, "finance", "2024-12-31", year=2024, region=["320582"])
        policy = row.one("policy")
        assert policy is not None
        assert policy("id") == "finance/test@1"


def test_a_year_without_loans_is_zero(read_models: Connection[Any]) -> None:
    with telling(read_models, [registered("c")]) as connection:
        assert set(figures(connection).values()) == {0, "0"}


def test_a_project_shows_its_facilities_and_loans(read_models: Connection[Any]) -> None:
    facts: list[Fact] = [
        registered("c"),
        linked("c", "2024-01-02", "A", quota=100),
        linked("c", "2024-01-03", "B"),
        lent("c", "2024-03-01", 70, "new", "A"),
        lent("c", "2024-04-01", 40, "new", "A"),
        lent("c", "2024-04-02", 1, "carried", "C"),
    ]

    with telling(read_models, facts) as connection:
        found = project(connection, "c", "2024-12-31")
        shown = {f("id"): (f.amount("disbursed"), f("overdrawn")) for f in found.many("facilities")}
        assert shown == {"A": ("110", "true"), "B": ("0", None)}
        lines = [
            (line("facility"), line("bank"), line("on"), line("class"), line.amount("amount"))
            for line in found.many("loans")
        ]
        assert lines == [
            ("A", "农商行", "2024-03-01", "new", "70"),
            ("A", "农商行", "2024-04-01", "new", "40"),
            ("C", None, "2024-04-02", "carried", "1"),
        ]
