"""Things are found by their id alone, and a question may move to other clocks half-way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from api.database import Readers
from api.engine import Engine
from api.serving import own_contract

from tests.graphql.conftest import World

NOW = datetime(2025, 3, 1, 4, tzinfo=UTC)
NODE = """query ($id: ID!) { node(id: $id) { __typename id
    ... on Project { title phase } ... on Event { position type }
    ... on PolicyRef { kind } ...N } } fragment N on Node { again: id }"""
STATE = "id phase colour milestones { node actual colour } totalInvestment { amount }"


@pytest.fixture(scope="module")
def real(portfolio: str) -> Iterator[World]:
    world = World(Engine(own_contract(), Readers(portfolio, size=2), clock=lambda: NOW))
    yield world
    world.close()


@pytest.fixture(scope="module")
def known(real: World) -> Any:
    return real.ask(
        "{ projects(first: 40) { nodes { id } } events(first: 1) { nodes { id } }"
        ' policy(kind: "colour", on: "2024-06-30", region: "320412") { id } }'
    )["data"]


def both(world: World, query: str, **variables: Any) -> Any:
    compiled = world.ask(query, **variables)
    plain = world.ask(query, plainly=True, **variables)

    assert compiled.get("errors") == plain.get("errors")
    assert compiled["data"] == plain["data"]
    return compiled["data"]


def test_a_node_is_what_its_id_says(real: World, known: Any) -> None:
    project = known["projects"]["nodes"][0]["id"]
    event = known["events"]["nodes"][0]["id"]
    policy = known["policy"]["id"]

    assert both(real, NODE, id=project)["node"]["__typename"] == "Project"
    assert both(real, NODE, id=event)["node"]["position"] == 1
    found = both(real, NODE, id=policy)["node"]
    assert (found["kind"], found["again"]) == ("colour", policy)


@pytest.mark.parametrize("nobody", ["", "nobody", "0" * 36, "00000000-0000-0000-0000-000000000000"])
def test_nothing_has_another_id(real: World, nobody: str) -> None:
    assert both(real, NODE, id=nobody) == {"node": None}


CLOCKS = [
    {"on": "2024-03-31"},
    {"knownPosition": 400},
    {"known": "2024-06-30T23:59:59+08:00"},
    {"known": "2024-06-30T23:59:59.5+08:00", "on": "2024-01-31"},
    {"knownPosition": 1_000_000, "on": "2030-01-01"},
]


@pytest.mark.parametrize("clocks", CLOCKS)
def test_a_project_under_other_clocks_is_what_a_question_under_them_gives(
    real: World, known: Any, clocks: dict[str, Any]
) -> None:
    outer = {"on": "2024-12-31", "known": "2024-12-31T23:59:59+08:00"}
    query = f"""query ($id: ID!, $outer: AsOf!, $known: DateTime, $position: Int, $on: Date) {{
        project(id: $id, asOf: $outer) {{
            id other: asOf(known: $known, knownPosition: $position, on: $on) {{ {STATE} }} }} }}"""
    moved = {
        "known": clocks.get("known"),
        "position": clocks.get("knownPosition"),
        "on": clocks.get("on"),
    }
    for project in known["projects"]["nodes"][::8]:
        nested = both(real, query, id=project["id"], outer=outer, **moved)["project"]
        if "known" in clocks or "knownPosition" in clocks:
            same = {"on": outer["on"], **clocks} if "known" not in clocks else clocks
        else:
            same = {**outer, **clocks}
        direct = real.ask(
            f"query ($id: ID!, $asOf: AsOf!) {{ project(id: $id, asOf: $asOf) {{ {STATE} }} }}",
            id=project["id"],
            asOf=same,
        )["data"]["project"]

        assert (nested or {"other": direct})["other"] == direct


def test_clocks_may_be_moved_again_and_again(real: World, known: Any) -> None:
    query = """query ($id: ID!) { project(id: $id) { a: asOf(on: "2024-03-31") { phase
        b: asOf(on: "2025-01-31") { phase c: asOf(on: "2024-03-31") { phase } } }
        d: asOf(on: "2025-01-31") { phase } } }"""

    project = both(real, query, id=known["projects"]["nodes"][3]["id"])["project"]

    assert project["a"]["phase"] == project["a"]["b"]["c"]["phase"]
    assert project["a"]["b"]["phase"] == project["d"]["phase"]


def test_two_cuts_are_refused(real: World, known: Any) -> None:
    query = """query ($id: ID!) { project(id: $id) {
        asOf(known: "2024-01-01T00:00:00Z", knownPosition: 5) { id } } }"""

    answer = real.ask(query, id=known["projects"]["nodes"][0]["id"])

    assert answer["errors"][0]["extensions"]["code"] == "REFUSED"


def test_what_lies_behind_an_interface_is_weighed(real: World) -> None:
    query = """query ($id: ID!) { node(id: $id) { ... on Project {
        events(first: 1000) { nodes { id } } } } }"""

    assert real.ask(query, id="x")["extensions"]["cost"] == 1002
