"""The database itself refuses what a ledger must never do."""

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from domain.draft import Draft
from domain.envelope import Actor
from ledger.connection import APPLICATION_ROLE, connect_writer
from ledger.ledger import Ledger

Fact = Callable[..., Draft]
TABLES = ["events", "heads", "tiles", "aliases", "mentions", "person_names"]
NAMED = Actor(id="clerk", org="bureau", role="steward", name="王某")


@pytest.fixture
def filled(database: str, fact: Fact) -> str:
    async def append() -> None:
        ledger = await Ledger.open(database)
        await ledger.append([fact("r1", actor=NAMED)])
        await ledger.close()

    asyncio.run(append())
    return database


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("replica", [False, True])
def test_nobody_changes_or_removes_a_row(filled: str, table: str, replica: bool) -> None:
    column = {"heads": "edge", "tiles": "hashes", "events": "bytes"}.get(table)
    changed = f"{column} = {column}" if column else "stream = stream"
    if table == "person_names":
        changed = "value = 'somebody else'"
    for statement in (
        f"UPDATE ledger.{table} SET {changed}",
        f"DELETE FROM ledger.{table}",
        f"TRUNCATE ledger.{table}",
    ):
        with psycopg.connect(filled) as connection:
            if replica:
                connection.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                connection.execute(statement.encode())


def test_a_name_can_be_erased_and_then_reads_as_null(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("UPDATE ledger.person_names SET value = NULL, salt = NULL")
        [(actor,)] = connection.execute(
            "SELECT ledger.resolved(id, convert_from(bytes, 'UTF8')::jsonb #> '{body,actor}', "
            "'actor') FROM ledger.events"
        ).fetchall()

    assert actor["name"] is None
    assert actor["id"] == "clerk"


def test_bytes_and_hash_must_agree(filled: str) -> None:
    with (
        psycopg.connect(filled) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="leaf_hash_is_of_bytes"),
    ):
        connection.execute(
            "INSERT INTO ledger.events SELECT 2, gen_random_uuid(), stream, 2, kind, recorded_at, "
            "source_key, NULL, NULL, content_digest, NULL, leaf_hash, bytes || ' ' "
            "FROM ledger.events"
        )


def test_the_application_role_may_only_insert_and_select(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        rights = connection.execute(
            "SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type) "
            "FROM information_schema.role_table_grants "
            "WHERE grantee = %s AND table_schema = 'ledger' GROUP BY table_name",
            [APPLICATION_ROLE],
        ).fetchall()

    for table, granted in rights:
        assert set(granted) <= {"INSERT", "SELECT"}, table
    assert {table for table, _ in rights} >= set(TABLES)


def test_the_ledger_works_as_the_application_role(filled: str) -> None:
    async def role() -> str:
        connection = await connect_writer(filled)
        [(name,)] = await (await connection.execute("SELECT current_user")).fetchall()
        await connection.close()
        return str(name)

    assert asyncio.run(role()) == APPLICATION_ROLE


def test_a_head_is_continued_once(filled: str) -> None:
    with (
        psycopg.connect(filled) as connection,
        pytest.raises(psycopg.errors.SerializationFailure),
    ):
        connection.execute(
            "SELECT ledger.continue_head(ARRAY[ROW(7, 0, ''::bytea, now())]::ledger.heads[])"
        )
