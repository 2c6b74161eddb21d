"""The compiler and plain execution give the same answers."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from api.weight import Limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graphql.questions import order, questions

EVERYTHING = """
id number title kind price weight bought readAt notes tags lent printed judged __typename
"""

QUESTIONS = {
    "one object": '{ shelf(id: "a") { id room __typename } }',
    "nobody": '{ shelf(id: "zzz") { id } }',
    "a list": "{ shelves { id room } }",
    "odd characters": '{ shelf(id: "c") { room } }',
    "all kinds of values": f'{{ shelf(id: "a") {{ books {{ {EVERYTHING} }} }} }}',
    "a page": f"{{ books {{ nodes {{ {EVERYTHING} }} totalCount pageInfo {{ endCursor }} }} }}",
    "edges": "{ books(first: 3) { edges { cursor node { id } __typename } __typename } }",
    "only a count": "{ books { totalCount t: __typename } }",
    "an empty page": '{ books(filter: {titlePart: "none"}) { nodes { id } totalCount'
    " pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }",
    "pages in a list": "{ shelves { pages(first: 2) { nodes { title } totalCount } } }",
    "aliases": '{ one: shelf(id: "a") { x: id y: id } two: shelf(id: "b") { id } }',
    "a very long alias": f"{{ {'a' * 200}: shelves {{ {'b' * 300}: id }} }}",
    "two page selections": "{ books { a: nodes { id } b: nodes { title } pageInfo { endCursor }"
    " again: pageInfo { hasNextPage } } }",
    "merging": '{ shelf(id: "a") { books(kind: NOVEL) { id } } shelf(id: "a")'
    " { room books(kind: NOVEL) { title next { id } } } }",
    "fragments": 'query { shelf(id: "a") { ...S ... on Shelf { room } ...S } }'
    " fragment S on Shelf { id books { ...B } } fragment B on Book { id next { title } }",
    "nested arguments": "{ shelves { books(kind: POEM) { price(digits: 4) title(shout: true)"
    " shelf { room } next { next { next { id } } } } } }",
    "literal lists": '{ books(filter: {kinds: [NOVEL], shelf: "a"}) { nodes { id kind } } }',
    "a list from one value": "{ books(filter: {kinds: NOVEL}) { nodes { id } } }",
    "no shelf of a book": "{ firstShelf { books { shelf { books { id } } } } }",
    "another order": "{ recent(first: 4) { nodes { id } pageInfo { endCursor } } }",
    "skipped": '{ shelf(id: "a") { id @skip(if: true) room @include(if: true) } }',
    "nothing left": '{ shelf(id: "a") { id @skip(if: true) } }',
    "as of": '{ books(asOf: {knownPosition: 3, on: "2024-01-02"}, first: 20)'
    " { nodes { id judged } totalCount } }",
    "typename of the root": "{ __typename again: __typename shelves { id } }",
    "a broken promise": "{ books(first: 10) { nodes { id promised } } }",
    "a broken promise on a shelf": '{ shelf(id: "a") { room books { promised } } }',
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_both_ways_give_the_same_answer(world: Any, question: str) -> None:
    compiled, plain = world.ask(question), world.ask(question, plainly=True)

    assert compiled["data"] == plain["data"]
    assert list(compiled["data"] or ()) == list(plain["data"] or ())
    assert compiled.get("errors") == plain.get("errors")
    if "promise" not in question:
        assert "errors" not in compiled


def test_a_broken_promise_is_an_error_with_its_place(world: Any) -> None:
    answer = world.ask(QUESTIONS["a broken promise"])

    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["books", "nodes", 6, "promised"]
    assert answer["errors"][0]["extensions"]["code"] == "MISSING_VALUE"


VARIED = """
query Varied($id: ID!, $kind: Kind, $kinds: [Kind!], $filter: BookFilter, $first: Int! = 3,
    $after: String, $with: Boolean = true, $part: String) {
  shelf(id: $id) { id books(kind: $kind) { id @include(if: $with) kind } }
  books(filter: {kinds: $kinds, titlePart: $part}, first: $first, after: $after) {
    nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage }
  }
  filtered: books(filter: $filter) { totalCount }
}
"""


@pytest.mark.parametrize(
    "variables",
    [
        {"id": "a"},
        {"id": "b", "kind": "NOVEL", "with": False},
        {"id": "a", "kind": None, "kinds": ["NOVEL", "POEM"], "first": 7},
        {"id": "zzz", "kinds": [], "part": "Book 1"},
        {"id": 5, "filter": {"kinds": ["POEM"], "shelf": "a"}},
        {"id": "a", "filter": None, "after": "4"},
        {"id": "a'; DROP TABLE read.books; --", "part": "'%s $1"},
        {"id": "图书馆 🏛", "part": "\u2028\ufeff"},
    ],
)
def test_variables_give_the_same_answer(world: Any, variables: dict[str, Any]) -> None:
    variables = variables | ({"after": cursor_of(world)} if "after" in variables else {})
    for _ in range(2):
        compiled = world.ask(VARIED, **variables)

        assert "errors" not in compiled
        assert compiled["data"] == world.ask(VARIED, plainly=True, **variables)["data"]


def cursor_of(world: Any) -> str:
    answer = world.ask("{ books(first: 4) { pageInfo { endCursor } } }")
    return answer["data"]["books"]["pageInfo"]["endCursor"]


@pytest.mark.parametrize("field", ["books", "recent", "backwards"])
def test_pages_put_together_give_every_row_once(world: Any, field: str) -> None:
    call = "books(backwards: true, " if field == "backwards" else field + "("
    query = (
        f"query ($after: String) {{ page: {call}first: 3, after: $after)"
        " { nodes { id } edges { cursor } pageInfo { startCursor endCursor hasNextPage } } }"
    )
    seen: list[str] = []
    after = None
    for _ in range(10):
        page = world.ask(query, after=after)["data"]["page"]
        seen += [node["id"] for node in page["nodes"]]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == 20
    assert len(set(seen)) == 20
    if field == "backwards":
        assert seen == [str(number) for number in range(20, 0, -1)]


POOLS = {
    "ID": ["a", "b", "c", "zzz"],
    "String": ["Book 1", "", "图书"],
    "Date": ["2024-01-05"],
    "Boolean": [True, False],
    "Int": [1, 2, 5],
    "first": [1, 3, 20],
    "after": ["3", "17"],
    "atLeast": [0, 20],
}
READ = ["shelves", "shelf", "firstShelf", "books"]


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_made_up_questions_give_the_same_answer(
    open_world: Callable[..., Any], data: st.DataObject
) -> None:
    world = cached_world(open_world)
    pools = POOLS | {"after": [None]}
    query, variables = data.draw(questions(world.engine.contract.schema, pools, READ, 4))

    compiled = world.ask(query, **variables)
    plain = world.ask(query, plainly=True, **variables)

    assert compiled.get("data") == plain.get("data"), query
    assert order(compiled.get("data")) == order(plain.get("data")), query
    assert [error["message"] for error in compiled.get("errors", ())] == [
        error["message"] for error in plain.get("errors", ())
    ]


@cache
def cached_world(open_world: Callable[..., Any]) -> Any:
    return open_world(
        limits=Limits(depth=100, fields=10_000, cost=10**9, tokens=10_000), seconds=60
    )
