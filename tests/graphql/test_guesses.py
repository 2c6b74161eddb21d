"""While nothing moves nobody looks at the position, and whatever moves is noticed all the same."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine, Settings
from api.heads import Guess
from api.reply import Answer
from api.request import Request

from projections.folding.tracking import ensure
from tests.databases import copied
from tests.graphql.conftest import World
from tests.graphql.library import NOW, TABLES

BOOKS = "{ books(first: 2) { nodes { id } } }"
QUESTIONS = (
    BOOKS,
    "{ __typename }",
    "{ books(first: 2) { nodes { id } } again: books(first: 1) { totalCount } }",
    "{ books(first: 2, asOf: {knownPosition: 3}) { nodes { id } } }",
    # Nothing stands in for what this promises, so that it is executed.
    "{ books(first: 20) { nodes { id promised } } }",
    '{ slow(seconds: "nonsense") { id } }',
)


class Place:
    """A database whose position moves, and an engine over it that has seen it stand still."""

    def __init__(self, conninfo: str, contract: Contract, cache_bytes: int) -> None:
        self.conninfo = conninfo
        readers, settings = Readers(conninfo, size=2), Settings(cache_bytes=cache_bytes)
        self.world = World(Engine(contract, readers, clock=lambda: NOW, settings=settings))
        self.heads = self.world.engine.heads

    def move(self, position: int) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("UPDATE read.tracking SET position = %s", [position])

    def rest(self) -> Guess:
        """Look until two looks have seen the same."""
        for _ in range(50):
            self.world.run(self.heads.look())
            if self.heads.guess is not None:
                return self.heads.guess
        raise AssertionError

    def hang_up(self) -> None:
        """Close the connection that looks; whoever looks opens another."""
        self.world.run(self.heads.close())

    @property
    def has_looked(self) -> bool:
        return self.heads._reader is not None

    def ask(self, query: str) -> Answer:
        answer: Answer = self.world.run(self.world.engine.answer(Request(query)))
        return answer


@pytest.fixture(scope="module", params=[0, 1_000_000], ids=["fresh", "kept"])
def place(
    request: pytest.FixtureRequest, server: str, migrated: str, library_contract: Contract
) -> Iterator[Place]:
    with copied(server, migrated) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ensure(connection, ())
            connection.execute(TABLES)
        opened = Place(conninfo, library_contract, request.param)
        yield opened
        opened.world.close()


def test_while_nothing_moves_nobody_looks(place: Place) -> None:
    place.move(30)
    place.rest()
    place.hang_up()

    answer = place.ask(BOOKS)

    assert answer.position == 30
    assert not place.has_looked


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_moved_is_in_the_answer(place: Place, question: str) -> None:
    place.move(40)
    place.rest()
    before = place.ask(question)
    place.rest()
    place.move(41)

    after = place.ask(question)

    assert (before.position, after.position) == (40, 41)


def test_many_who_ask_at_once_are_all_told_what_moved(place: Place) -> None:
    place.move(50)
    place.rest()
    place.move(51)

    async def ask() -> list[Answer]:
        engine = place.world.engine
        return list(await asyncio.gather(*(engine.answer(Request(BOOKS)) for _ in range(20))))

    assert {answer.position for answer in place.world.run(ask())} == {51}


def test_after_something_happened_two_looks_are_wanted(place: Place) -> None:
    place.move(60)
    first = place.rest()
    place.move(60)
    place.ask("{ books(first: 3) { nodes { id } } }")

    assert place.heads.guess is None
    second = place.rest()
    assert first.position == second.position
    assert first.seen != second.seen


def test_what_was_seen_on_another_server_says_nothing(place: Place) -> None:
    place.move(70)
    guess = place.rest()
    place.heads._last = guess._replace(
        position=guess.position._replace(reached=69), seen=guess.seen._replace(server="another")
    )
    place.hang_up()

    answer = place.ask("{ books(first: 4) { nodes { id } } }")

    assert answer.position == 70
    assert place.has_looked


def test_a_look_that_sees_the_same_reads_nothing_again(place: Place) -> None:
    place.move(80)

    async def looked(reader: Any) -> tuple[Any, Any]:
        return await reader.position(), await reader.position()

    async def look() -> tuple[Any, Any, Any]:
        async with place.world.engine.readers.lend() as reader:
            first, second = await looked(reader)
            await asyncio.to_thread(place.move, 81)
            return first, second, await reader.position()

    first, second, third = place.world.run(look())

    assert first is second
    assert (first.reached, third.reached) == (80, 81)
