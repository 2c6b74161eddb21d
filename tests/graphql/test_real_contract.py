"""Over the real schema and real facts, compiled and plain execution agree."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from api.database import Readers
from api.engine import Engine, Settings
from api.serving import own_contract
from api.weight import Limits
from graphql import get_named_type, is_object_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graphql.conftest import World
from tests.graphql.questions import Pools, order, questions

OPERATIONS = sorted((Path(__file__).parents[2] / "graphql" / "operations").glob("*.graphql"))
NOW = datetime(2025, 3, 1, 4, tzinfo=UTC)
QUESTIONS = int(os.environ.get("LIFECYCLE_QUESTIONS", "100"))
"""How many questions are made up; ./scripts/questions makes up ten thousand."""
CALLERS_FAULT = {"BAD_USER_INPUT", "NOT_FOUND", "REFUSED"}
EASY = Settings(
    Limits(depth=100, fields=10_000, cost=10**9, tokens=10_000), seconds=120, wait_seconds=0.1
)


@pytest.fixture(scope="module")
def real(portfolio: str) -> Iterator[World]:
    engine = Engine(
        own_contract(),
        Readers(portfolio, size=2, milliseconds=30_000),
        clock=lambda: NOW,
        settings=EASY,
    )
    world = World(engine)
    yield world
    world.close()


@pytest.fixture(scope="module")
def known(real: World) -> dict[str, Any]:
    """What is there to be asked for."""
    answer = real.ask(
        "{ all: projects(first: 200) { nodes { id code } } evaluated: events(types:"
        ' ["PostEvaluationCompleted"], first: 1) { nodes { stream } } policies: events(types:'
        ' ["PolicyAdopted"]) { nodes { payload } } }'
    )["data"]
    delivered = real.ask('{ events(first: 1, after: "9") { nodes { source { batch { id } } } } }')
    adopted = [node["payload"] for node in answer["policies"]["nodes"]]
    return {
        "batch": delivered["data"]["events"]["nodes"][0]["source"]["batch"]["id"],
        "ids": [node["id"] for node in answer["all"]["nodes"]],
        "codes": [node["code"] for node in answer["all"]["nodes"]],
        "evaluated": answer["evaluated"]["nodes"][0]["stream"].removeprefix("project/"),
        "policies": [f"{policy['policy_id']}@{policy['version']}" for policy in adopted],
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda path: path.stem)
def test_the_sample_operations_are_answered_alike(
    real: World, known: dict[str, Any], operation: Path
) -> None:
    text = operation.read_text("utf-8")
    if operation.stem == "events-after":
        text = text.replace("first: 1000", "first: 30")
    if operation.stem in ("overdue", "agreed-and-actual-pairs"):
        text = text.replace('"320412"', '"32"').replace('"3211"', '"32"')
    judging = [name for name in known["policies"] if name.startswith("post-evaluation/")]
    variables = {
        "id": known["evaluated"],
        "code": known["codes"][0],
        "today": judging[0],
        "after": "100",
    }
    if operation.stem == "import-receipt":
        variables["id"] = known["batch"]
    wanted = {name: value for name, value in variables.items() if f"${name}" in text}

    compiled = real.ask(text, **wanted)
    plain = real.ask(text, plainly=True, **wanted)

    assert "errors" not in compiled
    assert compiled["data"] == plain["data"]
    assert any(compiled["data"].values())


_UNHEARD_OF = ("ActorKeyChanged", "KeyRotated", "TimeTokenReceived")
"""Kinds of which nothing is recorded here."""


@cache
def pools(real: World) -> Pools:
    """Give values that mean something, and some that mean nothing."""
    known = real.ask("{ projects(first: 3) { nodes { id code } } }")["data"]["projects"]["nodes"]
    return {
        "Boolean": [True, False],
        "Date": ["2024-06-30", "2024-12-31"],
        "DateTime": ["2024-06-30T23:59:59+08:00", "2024-01-01T00:00:00.5Z"],
        "Decimal": ["1.5", "0"],
        "FlexDate": ["2024-06"],
        "ID": ["nobody", *(node["id"] for node in known)],
        "Int": [1, 2],
        "String": ["2024-06", "", "项目"],
        "after": [None],
        "atLeast": [0, 5],
        "basis": ["fixed_asset", "total"],
        "code": [*(node["code"] for node in known), "none"],
        "id": [*(node["id"] for node in known), f"code:{known[0]['code']}", "nobody"],
        "indicator": ["tax_per_mu", "far", "nothing"],
        "industry": ["C", "39", "C3985"],
        "kind": [*("colour", "listing", "capacity", "targets", "pace"), "nothing"],
        "knownPosition": [0, 100, 10_000],
        "listYear": [2024, 2025],
        "minDaysLate": [0, 1, 30],
        "orderBy": [None, "title", "-totalInvestment", "signedOn"],
        "park": ["nowhere"],
        "period": ["2024-Q1", "2024-Q2", "2024"],
        "policy": ["post-evaluation/default@2024.1", "ranking/jiangsu@2023.1", "nothing@1"],
        "region": ["320412", "3211", "32058"],
        "rule": ["R07", "R01", "G02", "R99"],
        "source": ["approval", "drc"],
        "stream": [f"project/{known[0]['id']}", known[1]["id"]],
        "text": ["示例", "nothing"],
        "through": ["2024-06", "2024-12"],
        "types": [*("LandAwarded", "PermitIssued", "LandDelivered"), *_UNHEARD_OF, "Nothing"],
        "withinWorkdays": [0, 1, 20],
        "year": [2024, 2025],
    }


@given(st.data())
@settings(
    max_examples=QUESTIONS,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_made_up_questions_are_answered_alike(real: World, data: st.DataObject) -> None:
    schema = real.engine.contract.schema
    query_type = schema.query_type
    assert query_type is not None
    query, variables = data.draw(questions(schema, pools(real), sorted(query_type.fields), 3))

    compiled = real.ask(query, **variables)
    plain = real.ask(query, plainly=True, **variables)

    assert compiled.get("data") == plain.get("data"), (query, variables)
    assert order(compiled.get("data")) == order(plain.get("data")), (query, variables)
    assert ("errors" in compiled) == ("errors" in plain), (query, variables)
    for error in compiled.get("errors", ()):
        assert error["extensions"]["code"] in CALLERS_FAULT, (query, variables)


def test_every_field_of_every_type_can_be_asked_for(real: World, known: dict[str, Any]) -> None:
    schema = real.engine.contract.schema

    def leaves(name: str, depth: int) -> str:
        parts = ["__typename"]
        for key, field in schema.type_map[name].fields.items():  # type: ignore[attr-defined]
            target = get_named_type(field.type)
            needed = [f"{given}: {FILLED[given]}" for given in field.args if given in FILLED]
            asked = f"{key}({', '.join(needed)})" if needed else key
            if not is_object_type(target):
                parts.append(asked)
            elif depth > 0:
                parts.append(f"{asked} {{ {leaves(target.name, depth - 1)} }}")
        return " ".join(parts)

    for number in (0, 5, 10):
        text = f'{{ project(id: "{known["ids"][number]}") {{ {leaves("Project", 2)} }} }}'
        answer = real.ask(text)
        assert "errors" not in answer
        assert answer["data"]["project"]["events"]["totalCount"] > 0


FILLED = {
    "year": "2024",
    "from": "LAND_AWARDED",
    "to": "CONSTRUCTION_STARTED",
    "policy": '"post-evaluation/default@2024.1"',
    "first": "2",
}


def test_a_meeting_about_a_projects_issue_is_part_of_its_history(real: World) -> None:
    issues = real.ask(
        '{ issues { id project { events(types: ["JointReviewHeld"]) { nodes { stream } } } } }'
    )["data"]["issues"]

    (history,) = (
        issue["project"]["events"]["nodes"] for issue in issues if issue["id"] == "WT-2024-031"
    )
    assert history == [{"stream": "meeting/LS-1"}]


@pytest.mark.parametrize(
    ("question", "argument"),
    [
        (
            '{ planActual(year: 2024, through: "24-6", basis: REPORTED, groupBy: LEVEL) { key } }',
            "through",
        ),
        (
            '{ planActual(year: 2024, through: "2023-12", basis: REPORTED, groupBy: CLASS) {key}}',
            "through",
        ),
        (
            '{ planActual(year: 2024, through: "2025-01", basis: REPORTED, groupBy: CLASS) {key}}',
            "through",
        ),
        ('{ projects(first: 1) { nodes { intensity(basis: "fixed assets") } } }', "basis"),
        ("{ board(filter: { listYear: 24 }) { total } }", "filter.listYear"),
        # Below a row that is not there, too.
        ('{ project(id: "x") { intensity(basis: "fixed assets") } }', "basis"),
    ],
)
@pytest.mark.parametrize("plainly", [False, True])
def test_a_text_of_another_form_or_year_is_refused_by_name(
    real: World, question: str, argument: str, *, plainly: bool
) -> None:
    """Nobody mistakes the answer to a misspelt question for the one that was meant."""
    answer = real.ask(question, plainly=plainly)

    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["errors"][0]["extensions"]["argument"] == argument


@pytest.mark.parametrize(
    ("asked", "argument", "value", "cure"),
    [
        ('events(types: ["LandAward"])', "types", "LandAward", "LandAwarded"),
        ('events(types: ["LandAwarded", "Nothing"])', "types", "Nothing", "GET /schemas"),
        ('deviations(rule: "r7")', "rule", "r7", "R07"),
        ('board(filter: { region: ["3205", "苏州"] })', "filter.region", "苏州", "GB/T 2260"),
        ('finance(year: 2024, region: ["CN"])', "region", "CN", "GB/T 2260"),
        ('board(filter: { industry: ["制造业"] })', "filter.industry", "制造业", "GB/T 4754"),
        ('policies(region: "Wujin")', "region", "Wujin", "GB/T 2260"),
        ('board(filter: { region: [""] })', "filter.region", "", "Leave it out"),
        ('board(filter: { industry: [""] })', "filter.industry", "", "Leave it out"),
        ('board(filter: { park: ["", "x"] })', "filter.park", "", "Leave it out"),
        ('finance(year: 2024, region: [" "])', "region", " ", "Leave it out"),
        ('issues(category: "")', "category", "", "Leave it out"),
        ('quarantine(code: "")', "code", "", "Leave it out"),
        ('quarantine(source: "")', "source", "", "Leave it out"),
        ('postEvaluationPairs(indicator: "")', "indicator", "", "Say what you mean"),
        ('project(code: "")', "code", "", "Leave it out"),
        ('ranking(period: "")', "period", "", "Say what you mean"),
    ],
)
@pytest.mark.parametrize("plainly", [False, True])
def test_what_cannot_be_meant_is_refused_with_its_place_its_value_and_a_cure(
    real: World, asked: str, argument: str, value: str, cure: str, *, plainly: bool
) -> None:
    answer = real.ask(f"{{ {asked} {{ __typename }} }}", plainly=plainly)

    assert "data" not in answer
    told = answer["errors"][0]["extensions"]
    assert (told["code"], told["argument"], told["value"]) == ("BAD_USER_INPUT", argument, value)
    assert cure in told["cure"]
    assert f"`{argument}`" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    "asked",
    [
        'policies(kind: "colours")',
        'policy(kind: "colours", on: "2024-06-30")',
        'policyGaps(kind: "colours", region: "CN", from: "2024-01-01", to: "2024-02-01")',
    ],
)
@pytest.mark.parametrize("plainly", [False, True])
def test_a_kind_of_policies_that_nobody_adopted_is_refused(
    real: World, asked: str, *, plainly: bool
) -> None:
    answer = real.ask(f"{{ {asked} {{ __typename }} }}", plainly=plainly)

    assert not any((answer["data"] or {}).values())
    told = answer["errors"][0]["extensions"]
    assert (told["code"], told["argument"], told["value"]) == ("BAD_USER_INPUT", "kind", "colours")
    assert "colour" in told["cure"]


@pytest.mark.parametrize("plainly", [False, True])
def test_an_empty_search_leaves_nothing_out(real: World, *, plainly: bool) -> None:
    query = '{ a: projects(filter: { text: "" }) { totalCount } b: projects { totalCount } }'
    answer = real.ask(query, plainly=plainly)

    assert answer["data"]["a"] == answer["data"]["b"]
    assert answer["data"]["a"]["totalCount"] > 0


@pytest.mark.parametrize("size", [1, 3, 200])
@pytest.mark.parametrize("colour", ["", ", colour: [RED, GREEN]"])
def test_pages_of_some_phases_in_a_region_hold_each_of_its_projects_once(
    real: World, size: int, colour: str
) -> None:
    listed = f"region: [$region], phase: [CONSTRUCTION, SIGNING, LANDING]{colour}"
    query = (
        "query ($region: ID!, $first: Int!, $after: String) {"
        f" projects(filter: {{ {listed} }}, first: $first, after: $after)"
        " { nodes { id phase colour } pageInfo { hasNextPage endCursor } totalCount } }"
    )
    for region in ("320000", "320400", "320412"):
        found: list[str] = []
        asked: dict[str, Any] = {"region": region, "first": size, "after": None}
        page: Any = {"pageInfo": {"hasNextPage": True}}
        while page["pageInfo"]["hasNextPage"]:
            answer = real.ask(query, **asked)
            assert answer["data"] == real.ask(query, plainly=True, **asked)["data"]
            page = answer["data"]["projects"]
            found += [node["id"] for node in page["nodes"]]
            asked["after"] = page["pageInfo"]["endCursor"]
        assert found == sorted(set(found))
        assert len(found) == page["totalCount"]


@pytest.mark.parametrize("plainly", [False, True])
@pytest.mark.parametrize(
    ("given", "asked"),
    [("title", None), (None, "title"), ("title", "-title"), ("title", "totalInvestment")],
)
def test_a_cursor_goes_on_in_its_own_order_only(
    real: World, given: str | None, asked: str | None, *, plainly: bool
) -> None:
    query = """query ($order: String, $after: String) {
        projects(filter: { region: [320000], phase: [CONSTRUCTION, SIGNING, LANDING] }, first: 2,
            orderBy: $order, after: $after) { nodes { id } pageInfo { endCursor } } }"""
    first = real.ask(query, order=given)["data"]["projects"]
    cursor = first["pageInfo"]["endCursor"]

    page = real.ask(query, plainly=plainly, order=given, after=cursor)["data"]["projects"]
    (refused,) = real.ask(query, plainly=plainly, order=asked, after=cursor)["errors"]

    assert len(page["nodes"]) == 2
    assert all(node not in first["nodes"] for node in page["nodes"])
    assert refused["message"] == "This cursor was not given out by this field."
