"""Whom packages of incentives are for, under which edition."""

from typing import Any

from psycopg import Connection

from domain.policies import preset
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.lives import adoption
from tests.projections.money_and_lists import YI, amended, fact, listed, published, registered
from tests.projections.steering import adopted

EDITIONS = [adoption(preset(f"incentive/zhangjiagang@{year}.1")) for year in (2021, 2024)]
PRIVATE = published("JS-2024-private-investment_a", "provincial")
ALL, ADDED = "市级以上重大项目", "省民间投资重点产业项目"


def told(rows: list[Row]) -> dict[tuple[str | None, str | None], list[str]]:
    return {
        (row.columns["policy"], row("name")): [p.columns["id"] or "" for p in row.many("projects")]
        for row in rows
    }


def test_an_edition_says_who_is_eligible(read_models: Connection[Any]) -> None:
    facts = [
        *EDITIONS,
        PRIVATE,
        published("m", "municipal"),
        published("old", "municipal", year=2023),
        *(registered(each) for each in ("listed", "private", "foreign", "removed", "before")),
        registered("elsewhere", "320412"),
        *(fact("ProjectSigned", "2023-02-01", each, is_foreign=False) for each in ("private",)),
        fact("ProjectSigned", "2023-02-01", "foreign", is_foreign=True),
        *(listed(each, "m", "new", YI) for each in ("listed", "removed", "elsewhere")),
        listed("before", "old", "new", YI),
        *(
            listed(each, "JS-2024-private-investment_a", "new", YI)
            for each in ("private", "foreign")
        ),
        amended("removed", "m", "remove", "2024-05-01"),
    ]
    old, new = "incentive/zhangjiagang@2021.1", "incentive/zhangjiagang@2024.1"
    every = ["foreign", "listed", "private", "removed"]

    with telling(read_models, facts) as connection:

        def asked(on: str, **arguments: Any) -> dict[tuple[str | None, str | None], list[str]]:
            return told(ask(connection, "incentives", on, **arguments))

        # The edition in force on the day decides, and who was on a list of that year.
        assert asked("2023-12-31") == {(old, ALL): []}
        assert asked("2024-03-31") == {(old, ALL): every}
        assert asked("2024-04-30") == {(new, ALL): every, (new, ADDED): ["private"]}
        left = ["foreign", "listed", "private"]
        assert asked("2024-12-31") == {(new, ALL): left, (new, ADDED): ["private"]}
        assert asked("2024-12-31", policy=old) == {(old, ALL): left}
        assert asked("2024-12-31", policy="incentive/nowhere@1") == {}
        (project,) = ask(connection, "project", "2024-12-31", id="private")
        mine = project.many("incentives")
        assert [(each("name"), each("count")) for each in mine] == [(ALL, "1"), (ADDED, "1")]
        assert "五证齐发" in str(mine[0]("measures"))


def test_every_condition_has_to_be_met_and_nothing_unknown_meets_one(
    read_models: Connection[Any],
) -> None:
    rules = """name = "chains"
[[incentive.beneficiary]]
name = "large machines"
industries = ["C34", "35"]
total_yi_min = 5
[[incentive.beneficiary]]
name = "continuing"
classes = ["continuing"]
[[incentive.beneficiary]]
name = "owned abroad"
is_foreign = true
"""
    signed = {"fixed_asset_investment": None, "is_foreign": True}

    def machines(name: str, industry: str, yi: int) -> list[Any]:
        return [
            fact("ProjectRegistered", "2023-01-05", name, industry_gb4754=industry),
            fact("ProjectSigned", "2023-02-01", name, total_investment={"yuan": yi * YI}, **signed),
        ]

    facts = [
        adopted("incentive", rules),
        published("m", "municipal"),
        *machines("large", "C3411", 5),
        *machines("also", "3511", 6),
        *machines("small", "C3411", 4),
        *machines("chips", "C3973", 9),
        fact(
            "ProjectRegistered",
            "2023-01-05",
            "unknown",
            industry_gb4754="C3411",
            intended_investment=None,
        ),
        listed("small", "m", "continuing", YI),
    ]

    with telling(read_models, facts) as connection:
        found = told(ask(connection, "incentives", "2024-06-30"))

        assert {name: projects for (_, name), projects in found.items()} == {
            "large machines": ["also", "large"],
            "continuing": ["small"],
            "owned abroad": ["also", "chips", "large", "small"],
        }
