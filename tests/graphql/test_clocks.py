"""The two clocks of a question, and waiting for what was just written."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from api.request import Request
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.envelope import Actor
from intake.delivery import Delivery
from intake.grant import Grant, Right
from intake.intake import Intake
from ledger.ledger import Ledger
from projections.folding.tracking import ensure
from tests.databases import copied
from tests.graphql.library import TABLES

START = datetime(2024, 6, 30, 15, 59, 58, 500_000, tzinfo=UTC)
EVERYTHING = Grant(Actor(id="t", org="test", role="steward"), frozenset(Right))
JUDGED = "query ($asOf: AsOf) { books(asOf: $asOf, first: 1) { nodes { judged } totalCount } }"


def registration(number: int) -> Delivery:
    return Delivery(
        kind="ProjectRegistered",
        system="test",
        record_id=f"r{number}",
        occurred_on="2024-01-01",
        payload={
            "title": f"Project {number}",
            "district": "320582",
            "industry_gb4754": "3391",
            "stage": "negotiating",
        },
    )


async def record(database: str, times: list[datetime]) -> None:
    """Record one event at each of the times."""
    now = [times[0]]
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        database, min_size=1, max_size=2, open=False, kwargs={"autocommit": True}
    )
    async with pool:
        ledger = await Ledger.open(database, clock=lambda: now[0])
        intake = Intake(ledger, pool, clock=lambda: now[0])
        for number, time in enumerate(times):
            now[0] = time
            await intake.receive([registration(number)], EVERYTHING)
        await ledger.close()


def prepare(database: str) -> None:
    """Record five events, one second apart, and let all of them be projected."""
    asyncio.run(record(database, [START + timedelta(seconds=second) for second in range(5)]))
    with psycopg.connect(database, autocommit=True) as connection:
        ensure(connection, ())
        connection.execute(TABLES)


@pytest.fixture(scope="module")
def recorded(server: str, migrated: str, open_world: Callable[..., Any]) -> Iterator[Any]:
    """A world that only answers."""
    with copied(server, migrated) as conninfo:
        prepare(conninfo)
        yield open_world(conninfo=conninfo, wait_seconds=0.2)


@pytest.fixture
def moving(database: str, open_world: Callable[..., Any]) -> Any:
    """A world whose read models a test may move on."""
    prepare(database)
    return open_world(conninfo=database)


@pytest.mark.parametrize(
    ("as_of", "known", "on"),
    [
        (None, 20, "2024-07-01"),
        ({}, 20, "2024-07-01"),
        ({"on": "2024-03-01"}, 20, "2024-03-01"),
        ({"knownPosition": 3}, 3, "2024-07-01"),
        ({"knownPosition": 0}, 0, "2024-07-01"),
        ({"knownPosition": 999}, 20, "2024-07-01"),
        ({"known": "2024-06-30T15:59:58.499999Z"}, 0, "2024-06-30"),
        ({"known": "2024-06-30T15:59:58.500000Z"}, 1, "2024-06-30"),
        ({"known": "2024-06-30T15:59:58Z"}, 1, "2024-06-30"),
        ({"known": "2024-06-30T15:59:58.0Z"}, 0, "2024-06-30"),
        ({"known": "2024-06-30T23:59:59+08:00"}, 2, "2024-06-30"),
        ({"known": "2024-07-01T00:00:00+08:00"}, 3, "2024-07-01"),
        ({"known": "2024-06-30T16:00:00.500Z"}, 3, "2024-07-01"),
        ({"known": "2030-01-01T00:00:00Z"}, 5, "2030-01-01"),
        ({"known": "2000-01-01T00:00:00Z"}, 0, "2000-01-01"),
        ({"known": "2024-06-30T15:59:59Z", "on": "2024-01-31"}, 2, "2024-01-31"),
    ],
)
def test_the_clocks_say_what_is_known_and_judged(
    recorded: Any, as_of: dict[str, Any] | None, known: int, on: str
) -> None:
    answer = recorded.ask(JUDGED, asOf=as_of)

    assert answer["extensions"]["asOf"]["books"] == {"known": known, "on": on}
    assert answer["extensions"]["position"] == 20
    assert answer["data"]["books"]["totalCount"] == known
    if known:
        assert answer["data"]["books"]["nodes"] == [{"judged": f"{known} {on} en"}]
    assert answer["data"] == recorded.ask(JUDGED, plainly=True, asOf=as_of)["data"]


@pytest.mark.parametrize(
    "as_of", [{"known": "2024-06-30T15:59:58Z", "knownPosition": 1}, {"knownPosition": -1}]
)
def test_clocks_that_contradict_themselves_are_bad_input(recorded: Any, as_of: Any) -> None:
    for plainly in (False, True):
        (error,) = recorded.ask(JUDGED, plainly=plainly, asOf=as_of)["errors"]

        assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_each_root_field_has_its_own_clocks(recorded: Any) -> None:
    answer = recorded.ask(
        "{ then: books(asOf: {knownPosition: 2}) { totalCount } now: books { totalCount } }"
    )

    assert answer["data"] == {"then": {"totalCount": 2}, "now": {"totalCount": 20}}
    assert answer["extensions"]["asOf"]["then"]["known"] == 2


def move(database: str, position: int) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE read.tracking SET position = %s", (position,))


def test_a_question_waits_for_its_position(database: str, moving: Any) -> None:
    async def ask_while_moving() -> Any:
        asking = asyncio.create_task(
            moving.engine.answer(Request("{ books(atLeast: 23, first: 1) { totalCount } }"))
        )
        await asyncio.sleep(0.05)
        await asyncio.to_thread(move, database, 24)
        return await asking

    answer = moving.run(ask_while_moving())

    assert answer.position == 24
    assert b'"totalCount":24' in answer.body


def test_those_who_wait_do_not_keep_others_from_their_answers(moving: Any) -> None:
    async def ask_beside_many_who_wait() -> Any:
        waiting = [
            asyncio.create_task(
                moving.engine.answer(Request("{ books(atLeast: 999, first: 1) { totalCount } }"))
            )
            for _ in range(10)
        ]
        await asyncio.sleep(0.05)
        answer = await moving.engine.answer(Request("{ shelves { id } }"))
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return answer

    answer = moving.run(ask_beside_many_who_wait())

    assert b'"errors"' not in answer.body


@pytest.mark.parametrize("plainly", [False, True])
def test_waiting_has_an_end(recorded: Any, *, plainly: bool) -> None:
    answer = recorded.ask("{ books(atLeast: 999) { totalCount } }", plainly=plainly)

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "NOT_YET_PROJECTED", "wanted": 999, "position": 20}
    assert error["path"] == ["books"]
    assert answer["data"] is None


def test_a_stopped_read_model_holds_back_only_its_own_answers(database: str, moving: Any) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE read.tracking SET position = 7, stopped_at = 8 WHERE name = 'books'"
        )

    shelves = moving.ask("{ shelves { id } }")
    books = moving.ask("{ books(first: 1) { totalCount } }")

    assert shelves["extensions"]["position"] == 30
    assert books["extensions"]["position"] == 7
    assert books["data"]["books"]["totalCount"] == 7
