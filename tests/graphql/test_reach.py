"""Who is limited to regions sees nothing of others, whatever is asked and however."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from api.request import Request
from graphql import is_object_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.catalogue import VIEWS
from projections.judging.reach import Reach, Unreadable, restricted
from projections.judging.within import TABLES
from tests.graphql.conftest import World
from tests.graphql.questions import questions
from tests.graphql.test_real_contract import OPERATIONS, QUESTIONS, known, pools, real
from tests.graphql.walking import Walk

__all__ = ["known", "real"]

DEPTH = 4 if QUESTIONS > 1_000 else 3
"""Deep enough to come to nearly every field; ./scripts/questions comes to all of them."""
NOBODY = "nobody at all"
ZHANGJIAGANG = Reach(("320582",), NOBODY)
REACHES = {
    "a district": (ZHANGJIAGANG, DEPTH),
    "a prefecture and a district": (Reach(("3211", "320412"), NOBODY), 2),
    "nowhere": (Reach((), NOBODY), 2),
}
CALLERS_FAULT = {"BAD_USER_INPUT", "FORBIDDEN", "NOT_FOUND", "REFUSED"}


@dataclass
class Beyond:
    """What lies beyond a reach: texts that may stand in no answer, and names to ask by."""

    projects: frozenset[str]
    words: frozenset[str]
    names: dict[str, Any]

    def told(self, text: str) -> set[str]:
        """Give what of it stands in a text; the code of an enterprise may hold that of a place."""
        found = {word for word in self.words if word in text}
        return {word for word in found if re.search(rf"(?<![0-9-]){re.escape(word)}(?!\d)", text)}


@pytest.fixture(scope="module")
def beyond(real: World) -> Callable[[Reach], Beyond]:
    """Find out what tells one region from the others; the projects of the facts never move."""
    with psycopg.connect(real.engine.readers.conninfo) as connection:
        projects = connection.execute(
            "SELECT DISTINCT project, title, district FROM read.projects"
        ).fetchall()
        codes = connection.execute("SELECT DISTINCT project, code FROM read.codes").fetchall()
        events = connection.execute(
            "SELECT substr(stream, 9), id::text, encode(leaf_hash, 'hex') FROM ledger.events"
            " WHERE stream ^@ 'project/' ORDER BY position"
        ).fetchall()
        placed = connection.execute(
            "SELECT DISTINCT district, id FROM (SELECT district, meeting_id FROM read.reviews"
            " UNION SELECT region, pool_id FROM read.quota_movements"
            " UNION SELECT regions[1], target_id FROM read.targets"
            " UNION SELECT jurisdiction, policy FROM read.policies WHERE jurisdiction <> ''"
            ") AS p (district, id) WHERE district IS NOT NULL"
        ).fetchall()

    def found(reach: Reach) -> Beyond:
        def within(district: str) -> bool:
            return district.startswith(reach.regions)

        mine = {project for project, _, district in projects if within(district)}
        words = {word for row in projects if row[0] not in mine for word in row}
        words |= {code for project, code in codes if project not in mine}
        words |= {word for project, *two in events if project not in mine for word in two}
        words |= {name for district, name in placed if not _touch(reach, district)}
        # Some titles are given twice; what is also said of one's own tells nothing.
        own = {word for row in projects if row[0] in mine for word in row}
        own |= {name for district, name in placed if _touch(reach, district)}
        words = {word for word in words if not any(word in mine for mine in own)}
        other = next(project for project, _, _ in projects if project not in mine)
        names = {
            "id": other,
            "stream": f"project/{other}",
            "code": next((code for project, code in codes if project == other), "none"),
            "eventId": next(event for project, event, _ in events if project == other),
        }
        others = frozenset(project for project, _, _ in projects if project not in mine)
        return Beyond(others, frozenset(words), names)

    return found


def _touch(reach: Reach, district: str) -> bool:
    short = district.removesuffix("00")
    return any(short.startswith(held) or held.startswith(short) for held in reach.regions)


def asked(world: World, query: str, reach: Reach | None, **variables: Any) -> tuple[str, Any]:
    """Ask within a reach, and give the answer as text and as data."""
    request = Request(query, variables=variables, reach=reach)
    body = world.run(world.engine.answer(request)).body
    return body.decode(), orjson.loads(body)


@pytest.mark.parametrize(("reach", "depth"), REACHES.values(), ids=REACHES.keys())
def test_nothing_beyond_reach_is_said_anywhere_in_the_schema(
    real: World, beyond: Callable[[Reach], Beyond], reach: Reach, depth: int
) -> None:
    outside, schema = beyond(reach), real.engine.contract.schema
    assert schema.query_type is not None
    walk = Walk(schema, outside.names, depth)
    for root in schema.query_type.fields:
        question = walk.root(root)
        text, answer = asked(real, question, reach)

        # A refusal may say again what it was asked for.
        assert not outside.told(text) - outside.told(question), root
        for error in answer.get("errors", ()):
            assert error["extensions"]["code"] in CALLERS_FAULT, (root, error)


def test_the_same_walk_tells_everybody_else_of_everybody(
    real: World, beyond: Callable[[Reach], Beyond]
) -> None:
    """So the walk looks where there is something to see."""
    outside, schema = beyond(ZHANGJIAGANG), real.engine.contract.schema
    assert schema.query_type is not None
    walk, told = Walk(schema, outside.names, DEPTH), set[str]()
    for root in schema.query_type.fields:
        text, _ = asked(real, walk.root(root), None)
        told |= outside.told(text)

    assert outside.projects <= told


def test_a_deep_walk_comes_to_every_field(real: World) -> None:
    schema = real.engine.contract.schema
    assert schema.query_type is not None
    walk = Walk(schema, {}, 4)
    for root in schema.query_type.fields:
        walk.root(root)

    named = {type_name for type_name, _ in walk.visited}
    fields = {
        (type_.name, name)
        for type_ in schema.type_map.values()
        if is_object_type(type_) and type_.name in named
        for name in type_.fields
    }
    assert fields <= walk.visited.keys()


@pytest.mark.parametrize(("reach", "_"), REACHES.values(), ids=REACHES.keys())
def test_no_event_of_another_region_is_told(
    real: World, beyond: Callable[[Reach], Beyond], reach: Reach, _: int
) -> None:
    """Every event is looked at, whatever its stream is about."""
    question = """query ($after: String) { events(first: 1000, after: $after) {
        nodes { id stream payload reason } pageInfo { hasNextPage endCursor } } }"""
    outside, after, count = beyond(reach), None, 0
    while True:
        text, answer = asked(real, question, reach, after=after)
        page = answer["data"]["events"]
        count += len(page["nodes"])

        assert not outside.told(text)
        assert not [node for node in page["nodes"] if node["stream"].startswith("ledger/")]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert count > 100 or reach.regions == ()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda path: path.stem)
def test_the_sample_operations_tell_nothing_beyond_reach(
    real: World, known: dict[str, Any], beyond: Callable[[Reach], Beyond], operation: Path
) -> None:
    text = operation.read_text("utf-8").replace("first: 1000", "first: 30")
    judging = [name for name in known["policies"] if name.startswith("post-evaluation/")]
    values = {
        "id": known["evaluated"],
        "code": known["codes"][0],
        "today": judging[0],
        "after": "100",
    }
    wanted = {name: value for name, value in values.items() if f"${name}" in text}
    request = Request(text, variables=wanted, reach=ZHANGJIAGANG)

    said = real.run(real.engine.answer(request)).body

    # Checking the ledger reads every event.
    assert (b"errors" in said) == (operation.stem == "audit-integrity")
    assert not beyond(ZHANGJIAGANG).told(said.decode())


@given(st.data())
@settings(
    max_examples=QUESTIONS // 4,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_made_up_questions_tell_nothing_beyond_reach(
    real: World, beyond: Callable[[Reach], Beyond], data: st.DataObject
) -> None:
    schema = real.engine.contract.schema
    assert schema.query_type is not None
    reach = data.draw(st.sampled_from([reach for reach, _ in REACHES.values()]))
    roots = sorted(schema.query_type.fields)
    query, variables = data.draw(questions(schema, pools(real), roots, 3))
    request = Request(query, variables=variables, reach=reach)

    compiled = orjson.loads(real.run(real.engine.answer(request)).body)
    plain = orjson.loads(real.run(real.engine.answer(request, plainly=True)).body)

    assert compiled.get("data") == plain.get("data"), (query, variables)
    assert ("errors" in compiled) == ("errors" in plain), (query, variables)
    asked_for = orjson.dumps([query, variables]).decode()
    said = orjson.dumps(_without_proofs(query, compiled.get("data"))).decode()
    told = {word for word in beyond(reach).told(said) if word not in asked_for}
    assert not told, (query, variables)


def _without_proofs(query: str, data: Any) -> Any:
    """Leave out the proofs, which hold hashes of their neighbours and no facts, and are for all."""
    proofs = set(re.findall(r"(\w+): (?:consistency|proof)\(", query))
    return data and {key: value for key, value in data.items() if key not in proofs}


def test_the_hash_of_another_region_stands_in_a_proof_and_nowhere_else(
    real: World, beyond: Callable[[Reach], Beyond]
) -> None:
    reach = REACHES["a prefecture and a district"][0]
    proof = "{ proven: consistency(from: 1, to: 2) { hashes } }"
    text, answer = asked(real, proof, reach)

    assert len(answer["data"]["proven"]["hashes"]) == 1
    kept = orjson.dumps(_without_proofs(proof, answer["data"])).decode()
    assert not beyond(reach).told(kept)
    assert beyond(reach).told(text) <= set(answer["data"]["proven"]["hashes"])


def test_one_who_asks_for_what_is_within_reach_gets_what_everybody_gets(real: World) -> None:
    walk = Walk(real.engine.contract.schema, {}, 2, region="320582")
    roots = walk.regional()
    assert len(roots) > 20
    for root in roots:
        question = walk.root(root)
        _, limited = asked(real, question, ZHANGJIAGANG)
        _, everything = asked(real, question, None)

        if root in {"pools", "deviations"}:
            # A pool of which nobody said where it lies is shown to those who may see everything.
            assert limited["data"][root]
            assert all(told in everything["data"][root] for told in limited["data"][root])
        else:
            assert limited["data"] == everything["data"], root


def test_every_table_says_how_it_is_limited() -> None:
    """A read model that nobody has thought about cannot be asked about under a limit."""
    tables = {f"read.{table}" for view in VIEWS for table in view.tables()}

    assert {table for table in tables if not table.endswith("_groups")} <= TABLES.keys()
    with pytest.raises(Unreadable):
        restricted("SELECT x.secret FROM read.unheard_of x")
