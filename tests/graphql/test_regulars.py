"""Who asks as somebody asked before is answered as before, past the application."""

import asyncio
import time

import orjson
import psycopg
import pytest
from api.contract import Contract
from api.regulars import Manner

from projections.folding.tracking import ensure
from tests.databases import copied
from tests.graphql.front import BOOKS, ROOM, SLOW, House, request, run
from tests.graphql.library import TABLES


@pytest.mark.parametrize("cache_bytes", [0, 1_000_000])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_who_comes_again_is_answered_alike_without_the_application(
    library: str, library_contract: Contract, cache_bytes: int, accept: str
) -> None:
    async def test(house: House) -> None:
        first, second = await house.caller(), await house.caller()
        header = f"accept: {accept}"
        expected = await first.ask(ROOM, header)
        assert b'"firstShelf"' in expected[2]

        assert await first.ask(ROOM, header) == expected
        assert await second.ask(ROOM, header) == expected
        assert house.application.times == 1

    run(library, library_contract, test, cache_bytes=cache_bytes)


def test_the_body_decides_what_is_answered(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        for size in (1, 2, 3, 1):
            _, _, body = await caller.ask({"query": BOOKS, "variables": {"n": size}})
            assert len(orjson.loads(body)["data"]["books"]["nodes"]) == size
        assert house.application.times == 1

    run(library, library_contract, test, cache_bytes=1_000_000)


BAD = (
    b"{not JSON!!!",
    {"query": "{ nothing }"},
    {"query": BOOKS},
    {"query": BOOKS, "variables": {"n": -1}},
    {"query": "mutation { nothing }"},
    [{"query": "{ firstShelf { id } }"}],
    {"query": "{ __schema { queryType { name } } }"},
)


def test_what_is_no_plain_question_is_answered_by_the_application(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        longest = max(len(orjson.dumps(each)) for each in BAD if not isinstance(each, bytes))
        for asked in BAD:
            # All have heads of one length, so that the first makes the head known to the others.
            body = asked if isinstance(asked, bytes) else orjson.dumps(asked)
            caller, before = await house.caller(), house.application.times
            expected = await caller.ask(body.ljust(longest))
            assert await caller.ask(body.ljust(longest)) == expected
            assert house.application.times == before + 2

    run(library, library_contract, test)


@pytest.mark.parametrize(
    "header",
    [
        "authorization: Bearer nobody",
        "x-request-id: r-1",
        "traceparent: 00-1-2-01",
        "expect: 100-continue",
    ],
)
def test_who_says_something_about_himself_is_met_each_time(
    library: str, library_contract: Contract, header: str
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        for times in (1, 2):
            await caller.ask(ROOM, header)
            assert house.application.times == times

    run(library, library_contract, test)


def test_pages_of_other_sites_are_refused_however_often_they_ask(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM)
        for _ in range(2):
            first, _, _ = await caller.ask(ROOM, "sec-fetch-site: cross-site")
            assert b"403" in first

    run(library, library_contract, test)


def test_requests_come_in_pieces_and_several_at_once(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        expected = await caller.ask(ROOM)
        whole, slow = request(ROOM), request(SLOW)
        await caller.ask(SLOW)
        for pieces in ([whole[:9], whole[9:]], [whole[:-3], whole[-3:] + whole[:5], whole[5:]]):
            for piece in pieces:
                caller.writer.write(piece)
                await caller.writer.drain()
                await asyncio.sleep(0.02)
            for _ in range(sum(map(len, pieces)) // len(whole)):
                assert await caller.answer() == expected
        # The second comes while the first is being answered, the others behind it in one piece.
        caller.writer.write(slow)
        await asyncio.sleep(0.02)
        caller.writer.write(whole + slow + whole)
        answers = [(await caller.answer())[2] for _ in range(4)]
        assert [b"slow" in each for each in answers] == [True, False, True, False]

    run(library, library_contract, test)


def test_who_leaves_stops_his_question(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        callers = [await house.caller() for _ in range(3)]
        await callers[0].ask(SLOW)
        await callers[0].ask(ROOM)
        started = time.perf_counter()
        # Both connections to the database are taken until these two have gone.
        for caller in callers[1:]:
            caller.writer.write(request(SLOW | {"variables": {"s": "1.9"}}))
        await asyncio.sleep(0.1)
        for caller in callers[1:]:
            caller.writer.close()
        await callers[0].ask(ROOM)
        assert time.perf_counter() - started < 1.5
        assert house.application.times == 2

    run(library, library_contract, test)


def test_what_is_under_way_is_answered_before_the_server_ends(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(SLOW)
        caller.writer.write(request(SLOW | {"variables": {"s": "0.3"}}))
        await asyncio.sleep(0.1)
        for connection in house.state.connections:
            connection.shutdown()
        first, headers, body = await caller.answer()
        assert b" 200 " in first
        assert b'"slow"' in body
        assert headers[b"connection"] == b"close"
        assert await caller.reader.read() == b""

    run(library, library_contract, test)


def test_an_answer_is_as_new_as_its_question(
    server: str, migrated: str, library_contract: Contract
) -> None:
    with copied(server, migrated) as conninfo, psycopg.connect(conninfo, autocommit=True) as own:
        ensure(own, ())
        own.execute(TABLES)

        async def test(house: House) -> None:
            caller = await house.caller()
            for position in range(20, 30):
                own.execute("UPDATE read.tracking SET position = %s", [position])
                for _ in range(2):
                    _, headers, body = await caller.ask(ROOM)
                    assert headers[b"ledger-position"] == b"%d" % position
                    assert orjson.loads(body)["extensions"]["position"] == position
            assert house.application.times == 1

        run(conninfo, library_contract, test, cache_bytes=1_000_000)


def test_a_lost_database_is_told_and_forgotten(
    server: str, migrated: str, library_contract: Contract
) -> None:
    with copied(server, migrated) as conninfo, psycopg.connect(conninfo, autocommit=True) as own:
        ensure(own, ())
        own.execute(TABLES)

        async def test(house: House) -> None:
            caller = await house.caller()
            expected = await caller.ask(ROOM)
            assert await caller.ask(ROOM) == expected
            own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert await caller.ask(ROOM) == expected
            assert house.application.times == 1

        run(conninfo, library_contract, test)


def test_who_has_left_is_neither_looked_for_nor_answered(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM)
        await caller.ask(ROOM)
        regulars = house.application.state.regulars
        (question,) = regulars._questions.values()
        answers: list[object] = []

        house.engine.heads._is_quiet = False
        turn = regulars.begin(question, Manner("application/json", "en"), answers.append)
        turn.leave()
        await house.engine.heads.look()
        assert turn._task is None
        turn._finish(await house.engine.answer(question.request))
        assert answers == []

        stayed = regulars.begin(question, Manner("application/json", "en"), answers.append)
        while not answers:  # noqa: ASYNC110 - `done` is told by a call
            await asyncio.sleep(0)
        stayed._finish(None)
        assert len(answers) == 1

    run(library, library_contract, test)
