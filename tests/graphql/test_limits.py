"""What asks for too much, or makes no sense, is refused before it costs anything."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from api.request import Request
from api.weight import Limits


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


def refused(answer: Any) -> str:
    assert "data" not in answer
    (code,) = codes(answer)
    return code


def bomb(levels: int) -> str:
    """Fragments that each spread the next one twice: 2^levels fields in a few hundred bytes."""
    parts = ["{ firstShelf { books { ...f0 } } }"]
    parts += [
        f"fragment f{level} on Book {{ a{level}: next {{ ...f{level + 1} }}"
        f" b{level}: next {{ ...f{level + 1} }} }}"
        for level in range(levels)
    ]
    return " ".join([*parts, f"fragment f{levels} on Book {{ id }}"])


def test_a_fragment_bomb_is_weighed_in_no_time(open_world: Callable[..., Any]) -> None:
    world = open_world(limits=Limits(depth=1000))
    started = time.perf_counter()

    assert refused(world.ask(bomb(60))) == "TOO_MANY_FIELDS"
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ firstShelf { books { " + "next { " * 20 + "id" + " }" * 23, "TOO_DEEP"),
        (
            (
                "{ shelves { books { shelf { books { shelf { books { shelf { books { id }"
                " } } } } } } } }"
            ),
            "TOO_COSTLY",
        ),
        (
            (
                "{ books(first: 20) { nodes { shelf { pages(first: 20) { nodes { shelf {"
                " pages(first: 20) { nodes { shelf { id } } } } } } } } } }"
            ),
            "TOO_COSTLY",
        ),
        ("{" + " ".join(f"a{number}: __typename" for number in range(2001)) + "}", "TOO_LONG"),
        ("{ firstShelf {" + " ".join(f"a{n}: id" for n in range(600)) + "} }", "TOO_MANY_FIELDS"),
    ],
)
def test_what_asks_for_too_much_is_refused(
    open_world: Callable[..., Any], query: str, code: str
) -> None:
    world = open_world(limits=Limits(fields=500, cost=9_000))

    assert refused(world.ask(query)) == code


def test_a_fragment_weighs_what_it_says_wherever_it_is_spread(world: Any) -> None:
    said = "nodes { id shelf { id } }"
    pages = "{{ small: books(first: 1) {{ {0} }} large: books(first: 20) {{ {0} }} }}"
    spread = pages.format("...page") + f" fragment page on BookConnection {{ {said} }}"

    written, told = (world.ask(each) for each in (pages.format(said), spread))

    assert told["extensions"]["cost"] == written["extensions"]["cost"]
    assert told["data"] == written["data"]


def test_page_sizes_in_variables_are_weighed(world: Any) -> None:
    query = "query ($n: Int!) { books(first: $n) { nodes { id } totalCount } }"

    assert world.ask(query, n=20)["extensions"]["cost"] == 21
    assert world.ask(query, n=2)["extensions"]["cost"] == 3
    assert refused(world.ask(query, n=21)) == "BAD_USER_INPUT"
    assert refused(world.ask(query, n=-1)) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ books(first: 0) { totalCount } }", {}),
        ("{ books(first: 21) { totalCount } }", {}),
        ('{ books(after: "nonsense!") { nodes { id } } }', {}),
        ('{ books(after: "WyIxIl0=") { nodes { id } } }', {}),
        ('{ books(after: "") { nodes { id } } }', {}),
        ("query ($a: String) { books(after: $a) { nodes { id } } }", {"a": "W10="}),
        ("query ($a: String) { books(after: $a) { nodes { id } } }", {"a": "[" * 1500}),
        ("query ($id: ID!) { shelf(id: $id) { id } }", {"id": "a\x00b"}),
        ("query ($id: ID!) { shelf(id: $id) { id } }", {"id": "\ud800"}),
        ('{ shelf(id: "a\\u0000b") { id } }', {}),
        ("query ($id: ID!) { shelf(id: $id) { id } }", {"id": None}),
        ("query ($id: ID!) { shelf(id: $id) { id } }", {"id": {"a": 1}}),
        ("query ($f: BookFilter) { books(filter: $f) { totalCount } }", {"f": {"kind": 1}}),
        ("query ($f: BookFilter) { books(filter: $f) { totalCount } }", {"f": {"kinds": "WAR"}}),
        ("query ($d: Int!) { books { nodes { price(digits: $d) } } }", {"d": 7}),
        ("query ($d: Int!) { books { nodes { price(digits: $d) } } }", {"d": 2**40}),
        ('{ books(asOf: {on: "2024-02-30"}) { totalCount } }', {}),
        ('{ books(asOf: {known: "2024-02-03T04:05:06"}) { totalCount } }', {}),
        ("query ($t: DateTime) { books(asOf: {known: $t}) { totalCount } }", {"t": 5}),
        ("query ($t: DateTime) { books(asOf: {known: $t}) { totalCount } }",
         {"t": "9999-12-31T23:59:59-23:00"}),
    ],
)  # fmt: skip
def test_odd_input_is_refused_by_name(world: Any, query: str, variables: dict[str, Any]) -> None:
    for _ in range(2):
        answer = world.ask(query, **variables)

        assert set(codes(answer)) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
        assert codes(answer)
        assert "data" not in answer


def test_a_value_that_only_the_database_refuses_is_bad_input(world: Any) -> None:
    answer = world.ask('{ slow(seconds: "soon") { id } firstShelf { id } }')

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["data"] == {"slow": None, "firstShelf": {"id": "a"}}
    assert "soon" not in answer["errors"][0]["message"]


def test_a_lost_connection_is_replaced(world: Any) -> None:
    world.ask("{ firstShelf { id } }")
    for reader in list(world.engine.readers._idle):
        world.run(reader.connection.close())

    assert "errors" not in world.ask("{ firstShelf { id } }")


def test_connections_that_the_server_ended_are_replaced(world: Any, library: str) -> None:
    world.ask("{ firstShelf { id } }")
    with psycopg.connect(library, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert "errors" not in world.ask("{ firstShelf { id } }")


def test_no_database_is_a_plain_error(open_world: Callable[..., Any]) -> None:
    world = open_world(conninfo="host=127.0.0.1 port=1 dbname=none connect_timeout=1")

    assert refused(world.ask("{ firstShelf { id } }")) == "UNAVAILABLE"


def test_what_takes_too_long_is_stopped(open_world: Callable[..., Any]) -> None:
    world = open_world(seconds=0.3, milliseconds=60_000)

    assert refused(world.ask('{ slow(seconds: "30") { id } }')) == "TIMEOUT"
    assert "errors" not in world.ask("{ firstShelf { id } }")


def test_prepared_documents_stay_within_their_bound(open_world: Callable[..., Any]) -> None:
    preparation = open_world().engine._preparation
    preparation._characters = 10_000
    for number in range(1000):
        preparation.prepared(f"{{ a{number}: firstShelf {{ id }} }}", None)

    assert preparation._held <= 10_000
    assert len(preparation._known) < 1000


def test_many_questions_at_once_keep_their_own_answers(open_world: Callable[..., Any]) -> None:
    world = open_world()

    async def ask_all() -> list[bytes]:
        questions = [
            Request(f'{{ n{number}: shelf(id: "{"ab"[number % 2]}") {{ id }} }}')
            for number in range(200)
        ]
        answers = await asyncio.gather(*(world.engine.answer(question) for question in questions))
        return [answer.body for answer in answers]

    bodies = world.run(ask_all())

    for number, body in enumerate(bodies):
        assert body.startswith(f'{{"data":{{"n{number}":{{"id":"{"ab"[number % 2]}"}}}}'.encode())
