"""What is kept is never told to other readers, on other days or at other positions."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from api.cache import Answers, Key
from api.contract import Contract
from api.database import Readers
from api.engine import Engine, Settings
from api.reply import Answer
from api.request import Measured, Request
from api.running import Moved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.folding.tracking import ensure
from projections.judging.reach import Reach
from projections.judging.within import OPEN
from projections.judging.within import TABLES as ALLOWED
from tests.databases import copied
from tests.graphql.conftest import World
from tests.graphql.library import NOW, TABLES

BOOKS = "query ($n: Int!, $s: ID) { books(first: $n, filter: {shelf: $s}) { totalCount nodes"
WUJIN = Reach(("320412",), "somebody")
QUESTIONS = (
    f"{BOOKS} {{ id judged }} }} }}",
    f"{BOOKS} {{ judged id }} }} }}",
    f"{BOOKS.replace('first', 'asOf: {knownPosition: 22}, first')} {{ judged }} }} }}",
    f"{BOOKS} {{ id promised }} }} }}",
)


@dataclass
class Shop:
    """A database whose position moves, a kept and an unkept engine over it, and a clock."""

    conninfo: str
    contract: Contract
    now: datetime = NOW
    kept: World = field(init=False)
    fresh: World = field(init=False)
    measured: list[Measured] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kept = self.opened(cache_bytes=1_000_000)
        self.fresh = self.opened(cache_bytes=0)

    def opened(self, **given: Any) -> World:
        return World(
            Engine(
                self.contract,
                Readers(self.conninfo, size=2),
                clock=lambda: self.now,
                settings=Settings(wait_seconds=0.05, **given),
                observer=self.measured.append,
            )
        )

    def move(self, position: int, *, stopped: int | None = None) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(
                "UPDATE read.tracking SET position = %s, stopped_at = NULL", [position]
            )
            if stopped is not None:
                connection.execute(
                    "UPDATE read.tracking SET position = %s, stopped_at = %s WHERE name = 'books'",
                    [stopped, stopped + 1],
                )

    def both(self, request: Request) -> tuple[Answer, Answer]:
        kept = self.kept.run(self.kept.engine.answer(request))
        fresh = self.fresh.run(self.fresh.engine.answer(request))
        return kept, fresh


@pytest.fixture(scope="module")
def shop(server: str, migrated: str, library_contract: Contract) -> Iterator[Shop]:
    with copied(server, migrated) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ensure(connection, ())
            connection.execute(TABLES)
        opened = Shop(conninfo, library_contract)
        with pytest.MonkeyPatch.context() as patch:
            # Books belong to no region; who may see them all is another question.
            for table in ("read.books", "read.shelves"):
                patch.setitem(ALLOWED, table, OPEN)
            yield opened
        opened.kept.close()
        opened.fresh.close()


ASKED = st.builds(
    Request,
    query=st.sampled_from(QUESTIONS),
    variables=st.fixed_dictionaries(
        {"n": st.sampled_from([1, 2, True, 2.0, "2"])},
        optional={"s": st.sampled_from(["a", "b", None])},
    ),
    language=st.sampled_from(["en", "zh"]),
    reach=st.sampled_from([None, WUJIN]),
)
MOVES = st.one_of(
    st.tuples(st.integers(20, 25), st.none() | st.integers(18, 20)),
    st.sampled_from([timedelta(hours=3), timedelta(days=1)]),
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.one_of(ASKED, ASKED, ASKED, MOVES), min_size=5, max_size=25))
def test_what_is_kept_is_what_would_be_found(shop: Shop, steps: list[Any]) -> None:
    shop.now = NOW
    for step in steps:
        if isinstance(step, timedelta):
            shop.now += step
        elif isinstance(step, tuple):
            shop.move(step[0], stopped=step[1])
        else:
            kept, fresh = shop.both(step)

            assert kept.body == fresh.body
            assert kept.position == fresh.position


def test_a_second_question_is_answered_from_what_is_kept(shop: Shop) -> None:
    shop.move(21)
    request = Request(QUESTIONS[0], variables={"n": 3})
    shop.measured.clear()

    first, second = (shop.kept.run(shop.kept.engine.answer(request)) for _ in range(2))

    assert first is second
    assert [measured.cached for measured in shop.measured] == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        {"language": "zh"},
        {"reach": WUJIN},
        {"reach": Reach(("320582",), "another")},
        {"variables": {"n": 4}},
        {"query": QUESTIONS[1]},
    ],
)
def test_readers_do_not_share_what_differs(shop: Shop, other: dict[str, Any]) -> None:
    shop.move(21)
    given = {"query": QUESTIONS[0], "variables": {"n": 3}, **other}
    shop.kept.run(shop.kept.engine.answer(Request(QUESTIONS[0], variables={"n": 3})))
    shop.measured.clear()

    shop.kept.run(shop.kept.engine.answer(Request(**given)))

    assert [measured.cached for measured in shop.measured] == [False]
    shop.kept.engine.answers._kept.clear()


def test_what_a_stopped_read_model_says_is_another_answer(shop: Shop) -> None:
    request = Request(QUESTIONS[0], variables={"n": 1})
    for stopped in (None, 19, 18, None):
        shop.move(22, stopped=stopped)
        kept, fresh = shop.both(request)

        assert kept.body == fresh.body
        assert kept.position == (stopped or 22)
    shop.move(21)


def test_a_question_that_is_held_is_another_one_on_another_day_and_elsewhere(shop: Shop) -> None:
    shop.now = NOW
    shop.move(21)
    engine, request = shop.kept.engine, Request(QUESTIONS[0], variables={"n": 2})
    question = engine.question(request)
    assert question is not None
    known = []

    for step in (None, None, timedelta(days=1), None, 22, None):
        if isinstance(step, timedelta):
            shop.now += step
        elif step is not None:
            shop.move(step)
        measured = Measured(request)
        held = shop.kept.run(engine.answer_at(question, None, measured))
        anew = shop.fresh.run(shop.fresh.engine.answer(request))
        assert held.body == anew.body
        known.append(measured.cached)

    shop.now = NOW
    assert known == [False, True] * 3


def test_an_answer_with_an_error_is_not_kept(shop: Shop) -> None:
    request = Request(QUESTIONS[3], variables={"n": 20})
    shop.measured.clear()

    for _ in range(2):
        assert b"MISSING_VALUE" in shop.kept.run(shop.kept.engine.answer(request)).body

    assert [measured.cached for measured in shop.measured] == [False, False]


def test_equal_questions_at_once_are_asked_once(shop: Shop) -> None:
    request = Request('{ slow(seconds: "0.2") { id } }')
    shop.measured.clear()

    async def ask() -> list[Answer]:
        return list(await asyncio.gather(*(shop.kept.engine.answer(request) for _ in range(20))))

    answers = shop.kept.run(ask())

    assert len({id(answer) for answer in answers}) == 1
    assert max(measured.seconds for measured in shop.measured) < 1


def test_one_who_leaves_takes_nothing_from_the_others(shop: Shop) -> None:
    request = Request('{ slow(seconds: "0.21") { room } }')

    async def ask() -> list[Any]:
        engine = shop.kept.engine
        first = asyncio.create_task(engine.answer(request))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(engine.answer(request))
        await asyncio.sleep(0.05)
        first.cancel()
        return await asyncio.gather(first, second, return_exceptions=True)

    left, stayed = shop.kept.run(ask())

    assert isinstance(left, asyncio.CancelledError)
    assert stayed.body.startswith(b'{"data":{"slow":{"room":"slow"}}')


def test_when_all_have_left_the_question_is_stopped_and_may_be_asked_again(shop: Shop) -> None:
    request = Request('{ slow(seconds: "0.22") { id room } }')

    async def ask() -> Any:
        engine = shop.kept.engine
        left = [asyncio.create_task(engine.answer(request)) for _ in range(3)]
        await asyncio.sleep(0.05)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return await engine.answer(request)

    assert shop.kept.run(ask()).whole
    assert not shop.kept.engine.answers._flights


def test_a_position_is_never_older_than_its_question(shop: Shop) -> None:
    async def ask() -> None:
        engine = shop.kept.engine
        for position in (20, 21, 22, 23):
            looks = [asyncio.create_task(engine.heads.look()) for _ in range(5)]
            await asyncio.sleep(0)
            await asyncio.to_thread(shop.move, position)
            seen = await engine.heads.look()
            assert seen is not None
            assert seen.reached == position
            await asyncio.gather(*looks)

    shop.kept.run(ask())


KEYS = st.builds(
    Key,
    document=st.sampled_from(["{ a }", "{ b }" * 50]),
    operation_name=st.none(),
    variables=st.sampled_from(["{}", "{'n': 1}"]),
    scope=st.just(""),
    language=st.sampled_from(["en", "zh"]),
    position=st.integers(1, 4),
    stopped=st.just(()),
    day=st.just(datetime(2024, 7, 1, tzinfo=UTC).date()),
)


@given(st.lists(st.tuples(KEYS, st.integers(0, 6_000)), max_size=40))
def test_what_is_kept_stays_within_its_bytes(puts: list[tuple[Key, int]]) -> None:
    answers = Answers(12_000)
    for key, length in puts:
        answers.put(key, Answer(b"x" * length, executed=True, whole=True))

        assert answers.held <= 12_000
        assert answers.held == sum(k.size + len(a.body) for k, a in answers._kept.items())


def test_who_comes_right_after_a_failure_is_not_told_of_it() -> None:
    """Otherwise who asks again until it succeeds would keep the loop from ever noting the end."""
    key = Key("{ a }", None, "{}", "", "en", 1, (), 0, NOW.date())
    answers, answer, made = Answers(0), Answer(b"{}", executed=True), []

    async def ask() -> list[object]:
        waiting = asyncio.get_running_loop().create_future()

        async def fail() -> Answer:
            await waiting
            raise Moved

        async def make() -> Answer:
            made.append(key)
            await asyncio.sleep(0.01)
            return answer

        failing = asyncio.create_task(answers.shared(key, fail))
        await asyncio.sleep(0.01)
        waiting.set_result(None)
        # These run in the turn in which it fails, and in the one in which its end is noted.
        first = asyncio.create_task(answers.shared(key, make))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.create_task(answers.shared(key, make))
        return await asyncio.gather(failing, first, second, return_exceptions=True)

    failed, *told = asyncio.run(ask())

    assert isinstance(failed, Moved)
    assert told == [answer, answer]
    assert made == [key]


def test_nothing_is_kept_or_shared_without_room(open_world: Callable[..., Any]) -> None:
    world = open_world()
    request = Request("{ firstShelf { id } }")

    first, second = (world.run(world.engine.answer(request)) for _ in range(2))

    assert first is not second
    assert len(world.engine.answers) == 0
