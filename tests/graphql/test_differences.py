"""What differs between two pairs of clocks is what two separate looks at the projects find."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from api.database import Readers
from api.engine import Engine, Settings
from api.serving import own_contract
from api.weight import Limits

from tests.graphql.conftest import World

NOW = datetime(2025, 3, 1, 4, tzinfo=UTC)
EASY = Settings(Limits(depth=100, fields=10_000, cost=10**9, tokens=10_000), seconds=120)
STATE = """
id title code region park phase phaseLeast colour phases { id }
fixedAssetInvestment { amount } milestones { node phaseId planned actual }
"""
DIFF = """
query ($from: AsOf!, $to: AsOf!, $filter: ProjectFilter, $fields: [ChangedField!]) {
  diff(from: $from, to: $to, filter: $filter, fields: $fields) {
    kind project { id title }
    changes { path old new cause { position type } causes { position } }
  }
}
"""
PLAIN = ("title", "code", "region", "park", "phase", "phaseLeast", "colour")
COMPARED = (*PLAIN, "fixedAssetInvestment", "milestones.", "phases.")
CLOCKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two month-ends": (
        {"known": "2024-05-31T23:59:59+08:00", "on": "2024-05-31"},
        {"known": "2024-06-30T23:59:59+08:00", "on": "2024-06-30"},
    ),
    "believed and true": (
        {"known": "2024-12-31T23:59:59+08:00", "on": "2024-12-31"},
        {"on": "2024-12-31"},
    ),
    "only the judged day": ({"on": "2023-12-31"}, {"on": "2024-12-31"}),
    "backwards": ({"on": "2024-12-31"}, {"known": "2023-06-30T00:00:00+08:00"}),
    "from nothing": ({"knownPosition": 0}, {"knownPosition": 400, "on": "2025-01-31"}),
    "nothing between": ({"knownPosition": 900}, {"knownPosition": 900}),
}


@pytest.fixture(scope="module")
def real(portfolio: str) -> Iterator[World]:
    world = World(
        Engine(
            own_contract(),
            Readers(portfolio, size=2, milliseconds=60_000),
            clock=lambda: NOW,
            settings=EASY,
        )
    )
    yield world
    world.close()


def state(world: World, as_of: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Look at every project at one pair of clocks: path and value."""
    query = f"query ($asOf: AsOf) {{ projects(asOf: $asOf, first: 200) {{ nodes {{ {STATE} }} }} }}"
    found = {}
    for node in world.ask(query, asOf=as_of)["data"]["projects"]["nodes"]:
        values = {name: node[name] for name in PLAIN}
        money = node["fixedAssetInvestment"]
        values["fixedAssetInvestment"] = money and money["amount"]
        for state in node["milestones"]:
            further = state["phaseId"] != node["phases"][0]["id"]
            place = f"phases.{state['phaseId']}.milestones." if further else "milestones."
            for name in ("planned", "actual"):
                values[f"{place}{state['node']}.{name}"] = state[name]
        found[node["id"]] = {path: value for path, value in values.items() if value is not None}
    return found


def expected(world: World, clocks: tuple[dict[str, Any], dict[str, Any]]) -> dict[Any, Any]:
    before, after = (state(world, each) for each in clocks)
    return {
        (project, path): (old.get(path), new.get(path))
        for project in before.keys() | after.keys()
        for old, new in [(before.get(project, {}), after.get(project, {}))]
        for path in old.keys() | new.keys()
        if old.get(path) != new.get(path)
    }


@pytest.mark.parametrize("clocks", CLOCKS.values(), ids=CLOCKS.keys())
def test_what_differs_is_what_two_looks_find(
    real: World, clocks: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    found = real.ask(DIFF, **{"from": clocks[0], "to": clocks[1]})["data"]["diff"]

    told = {
        (row["project"]["id"], change["path"]): (change["old"], change["new"])
        for row in found
        for change in row["changes"]
        if change["path"].startswith(COMPARED) and not change["path"].endswith(".forecast")
    }
    assert told == expected(real, clocks)
    for row in found:
        for change in row["changes"]:
            # Time alone can change a colour, and nothing else.
            assert change["cause"] or change["path"] == "colour", (row, change)
            assert not change["cause"] or change["cause"]["position"] in {
                cause["position"] for cause in change["causes"]
            }


def test_projects_that_appear_are_added_and_backwards_removed(real: World) -> None:
    early, late = {"knownPosition": 0}, {"knownPosition": 400, "on": "2025-01-31"}
    there = real.ask(DIFF, **{"from": early, "to": late})["data"]["diff"]
    back = real.ask(DIFF, **{"from": late, "to": early})["data"]["diff"]

    assert {row["kind"] for row in there} == {"ADDED"}
    assert {row["kind"] for row in back} == {"REMOVED"}
    assert [row["project"] for row in there] == [row["project"] for row in back]
    for gone in back:
        assert all(change["new"] is None for change in gone["changes"])


def test_a_project_passes_the_filter_at_either_clock(real: World) -> None:
    clocks = {"from": {"on": "2023-12-31"}, "to": {"on": "2024-12-31"}}
    red = real.ask(DIFF, **clocks, filter={"colour": ["RED"]}, fields=["COLOUR"])["data"]["diff"]

    turned = [(change["old"], change["new"]) for row in red for change in row["changes"]]
    assert turned
    assert all("RED" in pair for pair in turned)


@pytest.mark.parametrize(("kind", "of"), [("colour", "GREEN"), ("phase", "LEAD")])
def test_a_filter_means_what_was_believed_at_either_clock(real: World, kind: str, of: str) -> None:
    clocks = CLOCKS["two month-ends"]
    asked = {"from": clocks[0], "to": clocks[1]}
    every = real.ask(DIFF, **asked)["data"]["diff"]
    some = real.ask(DIFF, **asked, filter={kind: [of]})["data"]["diff"]

    states = [state(real, each) for each in clocks]
    passing = [
        row
        for row in every
        if of in {each.get(row["project"]["id"], {}).get(kind) for each in states}
    ]
    assert some == passing != every


def test_pages_of_differences_are_the_whole(real: World) -> None:
    clocks = 'from: { knownPosition: 0 }, to: { on: "2024-12-31" }'
    whole = real.ask(f"{{ diff({clocks}) {{ project {{ id }} }} }}")["data"]["diff"]
    ids = [row["project"]["id"] for row in whole]

    first = real.ask(f"{{ diff({clocks}, first: 3) {{ project {{ id }} }} }}")["data"]["diff"]
    rest = real.ask(f'{{ diff({clocks}, after: "{ids[2]}") {{ project {{ id }} }} }}')["data"][
        "diff"
    ]
    page = real.ask(f"{{ diffs({clocks}, first: 5) {{ totalCount pageInfo {{ hasNextPage }} }} }}")

    assert len(ids) > 10
    assert [row["project"]["id"] for row in first + rest] == ids
    assert page["data"]["diffs"] == {"totalCount": len(ids), "pageInfo": {"hasNextPage": True}}


@pytest.mark.parametrize(
    "clocks",
    [
        '{ known: "2024-06-30T00:00:00+08:00", knownPosition: 5 }',
        "{ knownPosition: -1 }",
    ],
)
def test_clocks_that_say_nothing_are_refused(real: World, clocks: str) -> None:
    answer = real.ask(f"{{ diff(from: {clocks}, to: {{}}) {{ kind }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def schema_enum(world: World, name: str) -> Any:
    return world.engine.contract.schema.type_map[name].values  # type: ignore[attr-defined]


REPLAY = """
query ($id: ID!, $asOf: AsOf) {
  project(id: $id, asOf: $asOf) {
    phase phaseLeast colour title
    replay(first: 200) {
      totalCount
      nodes {
        event { position type } judgedOn
        before { phase colour } after { phase colour }
        changes { path old new cause { position } }
      }
    }
  }
}
"""


@pytest.mark.parametrize("as_of", [{"on": "2024-12-31"}, {"known": "2024-06-30T23:59:59+08:00"}])
def test_steps_put_together_are_the_state_and_each_is_a_difference(
    real: World, as_of: dict[str, Any]
) -> None:
    found = real.ask("{ projects(first: 200) { nodes { id } } }")["data"]["projects"]["nodes"]
    for node in found[:30:10]:
        project = real.ask(REPLAY, id=node["id"], asOf=as_of)["data"]["project"]
        steps = project["replay"]["nodes"]
        values: dict[str, Any] = {}
        for step in steps:
            for change in step["changes"]:
                assert values.get(change["path"]) == change["old"], (step, change)
                assert change["cause"] == {"position": step["event"]["position"]}
                values[change["path"]] = change["new"]
        assert [values[name] for name in ("phase", "phaseLeast", "colour", "title")] == [
            project[name] for name in ("phase", "phaseLeast", "colour", "title")
        ]
        assert project["replay"]["totalCount"] == len(steps) > 5
        step = max(steps[1:], key=lambda step: len(step["changes"]))
        at = step["event"]["position"]
        compared = real.ask(
            DIFF,
            **{
                side: {"knownPosition": position, "on": step["judgedOn"]}
                for side, position in (("from", at - 1), ("to", at))
            },
            fields=list(schema_enum(real, "ChangedField")),
        )["data"]["diff"]
        (mine,) = (row for row in compared if row["project"]["id"] == node["id"])
        assert [(change["path"], change["old"], change["new"]) for change in mine["changes"]] == [
            (change["path"], change["old"], change["new"]) for change in step["changes"]
        ]
        assert all(change["cause"]["position"] == at for change in mine["changes"])
