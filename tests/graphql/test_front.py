"""What comes in other pieces than one whole request is answered as HTTP demands."""

import asyncio
from typing import Any

import orjson
import psycopg
import pytest
from api.contract import Contract

from projections.folding.tracking import ensure
from tests.databases import copied
from tests.graphql.front import ROOM, SLOW, WHILE, Caller, House, request, run
from tests.graphql.library import TABLES


def slow(seconds: float) -> bytes:
    return request(SLOW | {"variables": {"s": f"{seconds:.1f}"}})


async def silence(caller: Caller) -> bool:
    """Tell whether nothing comes for a while."""
    try:
        await asyncio.wait_for(caller.reader.readexactly(1), WHILE)
    except TimeoutError:
        return True
    return False


def test_a_body_is_answered_once_it_is_complete(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        # The blanks belong to the body, which makes sense without them too.
        whole = request(orjson.dumps(ROOM) + b"   ")
        expected = await caller.ask(orjson.dumps(ROOM) + b"   ")

        caller.writer.write(whole[:-3])
        assert await silence(caller)
        caller.writer.write(whole[-3:])
        assert await caller.answer() == expected
        caller.writer.write(whole)
        assert await caller.answer() == expected
        assert await silence(caller)

    run(library, library_contract, test)


def test_a_body_ends_where_its_head_says(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        body = orjson.dumps(ROOM)
        short = orjson.dumps({"query": "{ firstShelf { id } }"}).ljust(len(body) - 1)
        assert b"firstShelf" in (await caller.ask(short))[2]

        # The same head before a body that goes on until it makes sense: the rest is none.
        caller.writer.write(request(short)[: -len(short)] + body)
        told = await caller.reader.read()
        assert told.startswith(b"HTTP/1.1 400")
        assert b"firstShelf" not in told

    run(library, library_contract, test)


def test_a_known_head_is_known_by_its_length_too(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        expected = await caller.ask(ROOM)
        whole = request(ROOM)

        caller.writer.write(whole + whole)
        assert [await caller.answer(), await caller.answer()] == [expected, expected]
        caller.writer.write(whole + slow(0) + whole)
        answers = [(await caller.answer())[2] for _ in range(3)]
        assert [b"slow" in each for each in answers] == [False, True, False]

    run(library, library_contract, test)


def test_what_comes_during_an_answer_waits_its_turn(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(SLOW)
        expected = await caller.ask(ROOM)
        room = request(ROOM)

        caller.writer.write(slow(0.3))
        await asyncio.sleep(WHILE)
        (connection,) = house.state.connections
        for piece in (room + room[:7], room[7:]):
            caller.writer.write(piece)
            await asyncio.sleep(WHILE)
            # Whoever sends more than is answered is not read any further.
            assert connection.flow.read_paused
        assert b"slow" in (await caller.answer())[2]
        assert [await caller.answer(), await caller.answer()] == [expected, expected]
        assert await caller.ask(ROOM) == expected
        assert await silence(caller)
        assert not connection.flow.read_paused

    run(library, library_contract, test)


def test_a_known_request_waits_for_one_that_the_application_answers(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        expected = await caller.ask(ROOM)

        caller.writer.write(request(SLOW | {"variables": {"s": "0.3"}}, "x-request-id: slow"))
        await asyncio.sleep(WHILE)
        caller.writer.write(request(ROOM))
        assert b"slow" in (await caller.answer())[2]
        assert await caller.answer() == expected

    run(library, library_contract, test)


def test_a_piece_of_a_body_is_no_request(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        expected = await caller.ask(ROOM)
        # A body that is itself, to the byte, a request that was made before.
        outer = request(request(ROOM))
        refused = await caller.ask(request(ROOM))

        caller.writer.write(outer[: -len(request(ROOM))])
        await asyncio.sleep(WHILE)
        caller.writer.write(request(ROOM))
        assert await caller.answer() == refused
        assert await silence(caller)
        assert await caller.ask(ROOM) == expected

    run(library, library_contract, test)


def test_who_reads_nothing_is_not_answered_any_further(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM)
        (connection,) = house.state.connections

        connection.flow.pause_writing()
        caller.writer.write(request(ROOM))
        await silence(caller)
        assert house.application.times == 2
        connection.flow.resume_writing()

    run(library, library_contract, test)


def test_a_single_request_that_waited_lets_the_next_be_read(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(SLOW)
        expected = await caller.ask(ROOM)

        caller.writer.write(slow(0.3))
        await asyncio.sleep(WHILE)
        caller.writer.write(request(ROOM))
        assert b"slow" in (await caller.answer())[2]
        assert await caller.answer() == expected
        assert await asyncio.wait_for(caller.ask(ROOM), 5) == expected
        assert house.application.times == 2

    run(library, library_contract, test)


def test_a_piece_of_a_head_is_no_request(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM)

        # What follows the first piece is, to the byte, a request that was made before.
        caller.writer.write(b"POST /graphql HTTP/1.1\r\nx-first: ")
        await asyncio.sleep(WHILE)
        caller.writer.write(request(ROOM))
        assert b"firstShelf" in (await caller.answer())[2]
        assert house.application.times == 2
        assert await silence(caller)

    run(library, library_contract, test)


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("POST /graphql HTTP/1.0", ("connection: keep-alive",)),
        ("POST /graphql HTTP/1.1", ("connection: close",)),
        ("POST /graphql HTTP/1.1", ("upgrade: h2c",)),
        ("POST /graphql HTTP/1.1", ("expect: something",)),
    ],
)
def test_connections_that_end_or_change_go_the_usual_way(
    library: str, library_contract: Contract, line: str, headers: tuple[str, ...]
) -> None:
    async def test(house: House) -> None:
        whole = request(ROOM, *headers).replace(b"POST /graphql HTTP/1.1", line.encode())
        for times in (1, 2):
            caller = await house.caller()
            caller.writer.write(whole)
            first, _, body = await caller.answer()
            assert b" 200 " in first
            assert b'"firstShelf"' in body
            assert house.application.times == times

    run(library, library_contract, test)


def test_a_length_that_comes_in_chunks_is_never_known(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        body = orjson.dumps(ROOM)
        head, _, _ = request(body, "transfer-encoding: chunked").partition(b"content-length")
        whole = head + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for times in (1, 2):
            caller.writer.write(whole)
            assert b'"firstShelf"' in (await caller.answer())[2]
            assert house.application.times == times

    run(library, library_contract, test)


def test_every_answer_is_counted_and_idle_connections_end(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        for _ in range(3):
            await caller.ask(ROOM)
        assert house.application.times == 1
        assert house.state.total_requests == 3
        (connection,) = house.state.connections
        last = connection.timeout_keep_alive_task
        assert last is not None
        await caller.ask(ROOM)
        assert last.cancelled()
        connection.timeout_keep_alive_handler()
        assert await caller.reader.read() == b""

    run(library, library_contract, test)


def test_who_asks_when_the_server_ends_is_sent_away_after_the_answer(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(SLOW)
        caller.writer.write(slow(0.3))
        await asyncio.sleep(WHILE)
        caller.writer.write(request(ROOM))
        await asyncio.sleep(WHILE)
        for connection in house.state.connections:
            connection.shutdown()
        assert b"slow" in (await caller.answer())[2]
        # What he sent afterwards was not begun, so that he may ask again elsewhere.
        assert await caller.reader.read() == b""

    run(library, library_contract, test)


def test_what_the_read_models_cannot_say_the_application_says(
    server: str, migrated: str, library_contract: Contract
) -> None:
    with copied(server, migrated) as conninfo, psycopg.connect(conninfo, autocommit=True) as own:
        ensure(own, ())
        own.execute(TABLES)

        async def test(house: House) -> None:
            caller = await house.caller()
            expected = await caller.ask(ROOM)
            engine = house.engine
            answered = engine.answer_at

            async def failing(*_: Any) -> Any:
                raise ZeroDivisionError

            engine.answer_at = failing  # type: ignore[method-assign]
            assert await caller.ask(ROOM) == expected
            assert house.application.times == 2
            engine.answer_at = answered  # type: ignore[method-assign]
            assert await caller.ask(ROOM) == expected
            assert house.application.times == 2

        run(conninfo, library_contract, test)


def test_what_is_answered_past_the_application_is_observed_too(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        seen: list[Any] = []
        house.engine.observer = seen.append
        caller = await house.caller()
        for _ in range(3):
            await caller.ask(ROOM)
        assert [each.cached for each in seen] == [False, True, True]
        assert len({each.reference for each in seen}) == 3
        assert all(each.seconds > 0 for each in seen)

    run(library, library_contract, test, cache_bytes=1_000_000)


def test_nobody_is_answered_on_a_connection_that_closes(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM)
        (connection,) = house.state.connections

        connection.transport.close()
        assert not connection._is_idle()
        assert await caller.reader.read() == b""

    run(library, library_contract, test)
