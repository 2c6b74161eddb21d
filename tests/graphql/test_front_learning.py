"""The front door remembers heads and bodies that tell it all, within bounds, and nothing else."""

import asyncio

import orjson
import pytest
from api import regulars
from api.contract import Contract

from tests.graphql.front import BOOKS, ROOM, WHILE, House, request, run


def learned(house: House) -> set[bytes]:
    """Give the heads that are known, each of which says how long its body is."""
    heads = house.application.state.regulars._heads
    for head, known in heads.items():
        assert head.startswith(b"POST ")
        assert b"content-length: %d\r\n" % known.length in head
    return set(heads)


def head_of(whole: bytes) -> bytes:
    return whole[: whole.index(b"\r\n\r\n") + 4]


def body_length(whole: bytes) -> int:
    return len(whole) - len(head_of(whole))


def test_the_end_of_a_head_is_not_learned_for_the_whole(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        rest = request(ROOM, "x-second: 1")
        # What came before it might have been a token.
        caller.writer.write(b"POST /graphql HTTP/1.1\r\nx-first: ")
        await asyncio.sleep(WHILE)
        caller.writer.write(rest)
        await caller.answer()
        assert not learned(house)
        caller.writer.write(rest)
        await caller.answer()
        assert house.application.times == 2

    run(library, library_contract, test)


def test_of_requests_in_one_piece_no_head_is_learned_with_the_length_of_another(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        first = request(ROOM)
        body = body_length(first)
        for begun in (b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n", b"\r\n\r\n"):
            caller.writer.write(first + begun)
            await caller.answer()
            assert learned(house) <= {head_of(first)}
            if begun.strip():
                caller.writer.write(b"content-type: application/json\r\n")
                length = body + len(begun)
                caller.writer.write(b"content-length: %d\r\n\r\n" % length)
                caller.writer.write(orjson.dumps(ROOM).ljust(length))
                await caller.answer()
                assert learned(house) <= {head_of(first)}

    run(library, library_contract, test)


def test_a_second_request_that_is_cut_where_lengths_agree_teaches_nothing(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        first = request(ROOM)
        body = body_length(first)
        # The second is announced to be as long as what lies behind the first head by now.
        second = request(orjson.dumps(ROOM).ljust(body + 200))
        cut = 200
        assert len(head_of(second)) < cut
        caller.writer.write(first + second[:cut])
        await asyncio.sleep(WHILE)
        caller.writer.write(second[cut:])
        for _ in range(2):
            await caller.answer()
        assert learned(house) <= {head_of(first), head_of(second)}

    run(library, library_contract, test)


def test_empty_lines_while_the_application_answers_teach_nothing(
    library: str, library_contract: Contract
) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        await caller.ask(ROOM, "x-request-id: 1")
        (connection,) = house.state.connections
        question = orjson.dumps(ROOM)
        whole = request(question.ljust(len(question) + len(question) % 2))
        body = body_length(whole)

        connection.data_received(whole)
        connection.data_received(b"\r\n" * (2 + body // 2))
        await caller.answer()
        assert learned(house) == {head_of(whole)}

    run(library, library_contract, test)


def test_heads_and_bodies_are_remembered_within_bounds(
    library: str, library_contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regulars, "_MOST_HEADS", 2)
    monkeypatch.setattr(regulars, "_MOST_BYTES", 3 * regulars._OVERHEAD)
    monkeypatch.setattr(regulars, "_LONGEST_HEAD", 400)

    async def test(house: House) -> None:
        caller, known = await house.caller(), house.application.state.regulars
        for number in range(5):
            await caller.ask(ROOM, f"x-any: {number}")
            assert 1 <= len(known._heads) <= 2
        await caller.ask(ROOM, f"x-any: {'long' * 100}")
        assert all(len(head) <= 400 for head in known._heads)
        asked = [{"query": BOOKS, "variables": {"n": size}} for size in (1, 2, 3)]
        for question in (*asked[:2], asked[0], asked[2]):
            for _ in range(2):
                await caller.ask(question)
        kept = [body for body, _ in known._questions]
        # There is room for two: the one that was asked for last longest ago made way.
        assert [orjson.loads(body)["variables"]["n"] for body in kept] == [1, 3]
        assert sum(len(body) + regulars._OVERHEAD for body in kept) == known._held
        assert known._held <= 3 * regulars._OVERHEAD

    run(library, library_contract, test)


def test_the_language_is_part_of_the_question(library: str, library_contract: Contract) -> None:
    async def test(house: House) -> None:
        caller = await house.caller()
        for _ in range(2):
            await caller.ask(ROOM)
            await caller.ask(ROOM, "accept-language: zh")
        languages = {language for _, language in house.application.state.regulars._questions}
        assert languages == {"en", "zh"}
        assert house.application.times == 2

    run(library, library_contract, test)
