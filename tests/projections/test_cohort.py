"""A year's new starts followed to their end."""

from typing import Any

from psycopg import Connection

from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import YI, amended, invested, listed, published, registered
from tests.projections.steering import adopted, commissioned, signed

YEAR = 2022
PROJECTS = ("a", "b", "c", "d", "e")
LISTED = [
    published("m", "municipal", "2022-01-10", YEAR),
    published("s", "prefecture", "2022-01-10", YEAR),
    *(registered(each) for each in PROJECTS),
    *(signed(each, "2021-11-01", 2 * YI) for each in ("a", "b")),
    *(listed(each, "m", "new", YI, "2022-01-10") for each in ("a", "b", "d")),
    listed("c", "s", "new", YI, "2022-01-10"),
    listed("e", "m", "continuing", YI, "2022-01-10"),
    listed("e", "s", "new", YI, "2022-01-10"),
    amended("d", "m", "remove", "2023-03-01"),
    commissioned("a", "2024-05-01"),
    commissioned("c", "2025-12"),
    fact("CompletionAccepted", "2023-10-01", "a"),
    fact("CompletionAccepted", "2023-11-01", "b"),
]


def followed(connection: Connection[Any], on: str = "2025-12-31", **arguments: Any) -> Row:
    (row,) = ask(connection, "cohort", on, year=YEAR, **arguments)
    return row


def counts(row: Row) -> tuple[int, int, int, str | None]:
    names = ("projects", "completed", "commissioned")
    projects, completed, made = (int(row(name)) for name in names)
    return projects, completed, made, row.percent("built_out")


def test_a_cohort_is_built_out_by_what_is_in_production(read_models: Connection[Any]) -> None:
    with telling(read_models, LISTED) as connection:
        levels = ["MUNICIPAL", "PREFECTURE", "PROVINCIAL"]
        assert counts(followed(connection, levels=levels)) == (4, 2, 2, "50.0")
        # The removed one counted until it was removed; a month counts at its end.
        assert counts(followed(connection, "2023-02-28", levels=levels)) == (5, 0, 0, "0.0")
        assert counts(followed(connection, "2025-12-30", levels=levels)) == (4, 2, 1, "25.0")
        # What the asked list says of a project goes before the list above.
        assert counts(followed(connection, levels=["MUNICIPAL"])) == (3, 2, 2, "66.7")
        assert counts(followed(connection, levels=["PROVINCIAL"])) == (0, 0, 0, None)
        assert counts(followed(connection, region=["3211"])) == (0, 0, 0, None)


def test_who_is_not_registered_is_in_no_cohort(read_models: Connection[Any]) -> None:
    facts = [*LISTED, listed("unknown", "m", "new", YI, "2022-01-10")]

    with telling(read_models, facts) as connection:
        assert counts(followed(connection)) == counts(followed(connection, region=["32"]))


def test_the_alternatives_count_acceptances_or_money(read_models: Connection[Any]) -> None:
    money = [
        invested("a", "2022-12", YI),
        invested("a", "2023-11", YI // 2),
        invested("a", "2023-12", YI // 2, "reported"),
        fact(
            "InvestmentReported",
            "2023-12",
            "b",
            basis="reported",
            ytd={"yuan": 1},
            cumulative={"yuan": YI},
            composition=None,
        ),
    ]
    accepted = adopted("built-out", 'metric = "accepted"', jurisdiction="320582")
    spent = adopted("built-out", 'metric = "investment"', jurisdiction="3205")

    with telling(read_models, [*LISTED, *money, accepted, spent]) as connection:
        by_money = followed(connection, region=["3205"])
        by_count = followed(connection, region=["320582"])

        assert (by_money("metric"), by_money.percent("built_out")) == ("investment", "12.6")
        assert (by_count("metric"), by_count.percent("built_out")) == ("accepted", "50.0")
        # 1.5 and 1 of 2 and 2 signed, and of the other two 7.9 each intended and nothing spent.
        share = by_count.one("built_out_by_investment")
        assert share is not None
        assert share("numerator") == str(5 * YI // 2)


def test_any_policy_can_count_whatever_day_and_place_it_was_made_for(
    read_models: Connection[Any],
) -> None:
    later = adopted("built-out", 'metric = "accepted"', jurisdiction="11", since="2060-01-01")
    listing = adopted("listing", "levels_nested = false")

    with telling(read_models, [*LISTED, later, listing]) as connection:

        def counted(policy: str | None) -> tuple[str, str | None]:
            row = followed(connection, region=["3205"], policy=policy)
            return row("metric"), row.percent("built_out")

        usual = counted(None)
        assert counted("built-out/test@1") == ("accepted", "50.0") != usual
        # A policy of another kind changes nothing here, one that nobody knows is none.
        assert counted("listing/test@1") == usual
        assert counted("built-out/unheard-of@1") == usual
