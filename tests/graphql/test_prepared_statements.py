"""Statements are prepared once, and a connection holds only so much of them."""

import asyncio
from collections.abc import Sequence

import psycopg
from api.prepared_statements import PreparedStatements
from psycopg import AsyncConnection

_HELD = "SELECT count(*), coalesce(sum(length(statement)), 0) FROM pg_prepared_statements"


def _asked(
    server: str, statements: Sequence[bytes], most_bytes: int
) -> tuple[list[bytes | None], list[tuple[int, int]]]:
    """Give what each statement answers, and how many of what length are held after each."""

    async def ask() -> tuple[list[bytes | None], list[tuple[int, int]]]:
        answers, held = [], []
        async with await AsyncConnection.connect(server, autocommit=True) as connection:
            prepared = PreparedStatements(connection, most_bytes)
            for statement in statements:
                answers.append(await prepared.text(statement, ("x",)))
                cursor = await connection.execute(_HELD, prepare=False)
                held += await cursor.fetchall()
        return answers, held

    return asyncio.run(ask())


def _statement(number: int, padding: int = 0) -> bytes:
    return b"SELECT $1::text || '%d'%s" % (number, b" " * padding)


def test_a_statement_met_again_is_not_prepared_again(server: str) -> None:
    answers, held = _asked(server, [_statement(1), _statement(2), _statement(1)], 1_000)
    assert answers == [b"x1", b"x2", b"x1"]
    assert [count for count, _ in held] == [1, 2, 2]


def test_those_used_longest_ago_make_room_and_still_answer(server: str) -> None:
    numbers = [1, 2, 3, 1, 4, 5, 1, 2, *range(6, 30), 1]
    statements = [_statement(number, padding=80) for number in numbers]
    most_bytes = 3 * len(_statement(10, padding=80))
    answers, held = _asked(server, statements, most_bytes)
    assert answers == [b"x%d" % number for number in numbers]
    assert max(length for _, length in held) <= most_bytes
    assert [count for count, _ in held[:6]] == [1, 2, 3, 3, 3, 3]


def test_a_statement_longer_than_the_bound_is_held_alone(server: str) -> None:
    long = _statement(2, padding=500)
    answers, held = _asked(server, [_statement(1), long, long, _statement(3)], 100)
    assert answers == [b"x1", b"x2", b"x2", b"x3"]
    assert [count for count, _ in held] == [1, 1, 1, 1]


def test_one_that_fails_takes_no_room(server: str) -> None:
    async def ask() -> int:
        async with await AsyncConnection.connect(server, autocommit=True) as connection:
            prepared = PreparedStatements(connection, 60)
            for _ in range(5):
                try:
                    await prepared.text(b"SELECT $1::text || nothing_of_this_name", ("x",))
                except psycopg.errors.UndefinedColumn:
                    continue
            await prepared.text(_statement(1), ("x",))
            await prepared.text(_statement(2), ("x",))
            cursor = await connection.execute(_HELD, prepare=False)
            [(count, _)] = await cursor.fetchall()
            return int(count)

    assert asyncio.run(ask()) == 2
