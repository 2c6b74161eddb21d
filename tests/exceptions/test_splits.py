"""Projects that are split and merged on a list (打包/拆分): no total changes."""

from typing import Any

from tests.exceptions.conftest import Town, amended, event, registered

ASKED = """query Q($on: Date!, $region: [ID!]) {
    planActual(year: 2024, through: "2024-06", basis: REPORTED, groupBy: REGION,
        filter: {region: $region}, asOf: {on: $on})
    { projects plan { amount } actual { amount } } }"""


def listed(project: str, yuan: int, list_id: str = "M24") -> Any:
    return event(
        "ProjectListed",
        f"{project}-{list_id}",
        "2024-01-15",
        project,
        list_id=list_id,
        annual_plan={"yuan": yuan},
    )


def reported(project: str, month: str, yuan: int) -> Any:
    return event(
        "InvestmentReported",
        f"{project}-i-{month}",
        month,
        project,
        basis="reported",
        ytd={"yuan": yuan},
        cumulative=None,
        composition=None,
    )


def asked(town: Town, region: str, on: str) -> tuple[int, str, str]:
    (row,) = town.ask(ASKED, on=on, region=[region])["planActual"]
    return row["projects"], row["plan"]["amount"], row["actual"]["amount"]


def test_a_split_shares_the_plan_and_what_was_invested(town: Town) -> None:
    """Exception 8: bundling and splitting."""
    town.send(
        event("MajorProjectListPublished", "M24", "2024-01-15", list_id="M24", version="1"),
        event(
            "MajorProjectListPublished", "M23", "2023-01-15", list_id="M23", year=2023, version="1"
        ),
        *(registered(name, district="320411") for name in ("a", "b", "c")),
        listed("a", 100_000_000),
        listed("a", 70_000_000, "M23"),
        listed("b", 10_000_000),
        reported("a", "2024-05", 60_000_000),
    )
    before = asked(town, "320411", "2024-06-30")

    town.send(
        event(
            "ProjectSplitOrMerged",
            "a-split",
            "2024-07-01",
            "a",
            **{
                "operation": "split",
                "from": ["a"],
                "to": ["b", "c"],
                "allocation": {"b": {"yuan": 1}, "c": {"yuan": 3}},
            },
        )
    )

    assert before == (2, "11000", "6000")
    assert asked(town, "320411", "2024-06-30") == before
    assert asked(town, "320411", "2024-07-01") == (2, "11000", "6000")
    plans = {
        name: town.project(name, "listings { listId annualPlan { amount } }") for name in "abc"
    }
    assert plans["a"]["listings"] == [{"listId": "M23", "annualPlan": {"amount": "7000"}}]
    assert plans["b"]["listings"] == [{"listId": "M24", "annualPlan": {"amount": "3500"}}]
    assert plans["c"]["listings"] == [{"listId": "M24", "annualPlan": {"amount": "7500"}}]
    shown = town.project("c", "investment(year: 2024, basis: REPORTED) { period ytd { amount } }")
    assert shown["investment"] == [{"period": "2024-05", "ytd": {"amount": "4500"}}]

    town.send(amended("EventRetracted", "a-un", "a-split", "2024-08-01"))

    assert asked(town, "320411", "2024-07-01") == before
    assert town.project("c", "listings { listId }")["listings"] == []


def test_a_merger_that_arrives_before_the_listings_gives_the_same(town: Town) -> None:
    town.send(
        *(registered(name, district="320402") for name in ("x", "y")),
        event(
            "ProjectSplitOrMerged",
            "xy",
            "2024-03-01",
            "x",
            **{
                "operation": "merge",
                "from": ["x", "y"],
                "to": ["x"],
                "allocation": {"x": {"yuan": 30_000_000}, "y": {"yuan": 20_000_000}},
            },
        ),
    )
    town.send(
        event("MajorProjectListPublished", "N24", "2024-01-15", list_id="N24", version="1"),
        listed("x", 30_000_000, "N24"),
        listed("y", 20_000_000, "N24"),
        reported("x", "2024-02", 5_000_000),
        reported("y", "2024-01", 2_000_000),
        reported("x", "2024-04", 9_000_000),
    )

    assert asked(town, "320402", "2024-02-29") == (2, "5000", "700")
    assert asked(town, "320402", "2024-03-31") == (1, "5000", "700")
    assert asked(town, "320402", "2024-06-30") == (1, "5000", "900")
    shown = town.project("y", 'events(types: ["ProjectSplitOrMerged"]) { totalCount }')
    assert shown["events"]["totalCount"] == 1


def test_a_split_is_about_those_that_are_kept_for_the_projects_it_named(town: Town) -> None:
    split = event(
        "ProjectSplitOrMerged",
        "k-split",
        "2024-07-01",
        "k",
        **{
            "operation": "split",
            "from": ["k"],
            "to": ["l", "m"],
            "allocation": {"l": {"yuan": 1}, "m": {"yuan": 3}},
        },
    )
    town.send(
        event("MajorProjectListPublished", "K24", "2024-01-15", list_id="K24", version="1"),
        *(registered(name, district="320413") for name in ("k", "l", "m", "n")),
        listed("k", 80_000_000, "K24"),
        split,
    )

    def plans(*names: str) -> dict[str, list[str]]:
        asked = "listings { annualPlan { amount } }"
        return {
            name: [each["annualPlan"]["amount"] for each in town.project(name, asked)["listings"]]
            for name in names
        }

    assert plans("k", "l", "m", "n") == {"k": [], "l": ["2000"], "m": ["6000"], "n": []}

    town.send(
        event(
            "IdentitiesLinked", "n-m", "2024-08-01", None, keep="n", absorb=["m"], kind="project"
        ),
        event(
            "IdentitiesLinked", "o-k", "2024-08-01", None, keep="l", absorb=["k"], kind="project"
        ),
    )

    assert plans("l", "n") == {"l": ["2000"], "n": ["6000"]}

    town.send(amended("EventRetracted", "n-m-r", "n-m", "2024-08-02"))

    assert plans("l", "m", "n") == {"l": ["2000"], "m": ["6000"], "n": []}


def test_a_split_that_comes_after_the_link_is_about_the_one_that_is_kept(town: Town) -> None:
    town.send(
        event("MajorProjectListPublished", "Q24", "2024-01-15", list_id="Q24", version="1"),
        *(registered(name, district="320413") for name in ("q", "r", "s", "t")),
        listed("q", 80_000_000, "Q24"),
        event(
            "IdentitiesLinked", "t-s", "2024-02-01", None, keep="t", absorb=["s"], kind="project"
        ),
        event(
            "ProjectSplitOrMerged",
            "q-split",
            "2024-07-01",
            "q",
            **{
                "operation": "split",
                "from": ["q"],
                "to": ["r", "s"],
                "allocation": {"r": {"yuan": 1}, "s": {"yuan": 3}},
            },
        ),
    )

    plan = town.project("t", "listings { annualPlan { amount } }")["listings"]
    assert plan == [{"annualPlan": {"amount": "6000"}}]
