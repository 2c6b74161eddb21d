"""Whoever folds read models may be killed at any moment; the next one goes on where it stood."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.views.lifecycle import VIEW as LIFECYCLE
from tests.faults.checking import check_followed, digests_of
from tests.faults.conftest import Programs
from tests.faults.program import wait_until

pytestmark = pytest.mark.slow
CopyOf = Callable[[str], str]


def progress(connection: psycopg.Connection[Any]) -> int:
    """Give how far the read model that is furthest behind has come; -1 before there are any."""
    made = connection.execute("SELECT to_regclass('read.tracking')::text").fetchone()
    if made == (None,):
        return -1
    row = connection.execute("SELECT coalesce(min(position), -1) FROM read.tracking").fetchone()
    return int(row[0]) if row else -1


def head_of(connection: psycopg.Connection[Any]) -> int:
    """Count the events."""
    row = connection.execute("SELECT max(size) FROM ledger.heads").fetchone()
    return int(row[0]) if row else 0


def test_a_killed_projector_goes_on_where_it_stood(
    programs: Programs, copy_of: CopyOf, backlog: str, expected: dict[str, str]
) -> None:
    database = copy_of(backlog)
    with psycopg.connect(database, autocommit=True) as connection:
        head = head_of(connection)
        server = programs.serve(database)
        wait_until(lambda: progress(connection) > 0, "progress")
        server.kill()
        assert progress(connection) < head, "it was killed before its end"

    Runner(database, VIEWS).catch_up()
    check_followed(database, head)
    assert digests_of(database) == expected


QUESTION = {"query": '{ events(types: ["ProjectRegistered"], first: 1) { totalCount } }'}


def test_a_killed_rebuild_leaves_the_live_tables_and_reading_goes_on(
    programs: Programs, copy_of: CopyOf, folded: str, expected: dict[str, str]
) -> None:
    database = copy_of(folded)
    server = programs.serve(database).ready()
    answers = []

    with psycopg.connect(database, autocommit=True) as connection, server.client() as client:

        def ask() -> None:
            answers.append(client.post("/graphql", json=QUESTION).json()["data"])

        def is_beside() -> bool:
            ask()
            made = connection.execute("SELECT to_regclass('rebuilt.lifecycle')::text").fetchone()
            return made == ("rebuilt.lifecycle",)

        rebuilding = programs.run("rebuild", "lifecycle", DATABASE_URL=database)
        wait_until(is_beside, "table beside the live one")
        rebuilding.kill()
        ask()
        assert digests_of(database) == expected

        with ThreadPoolExecutor(1) as thread:
            again = thread.submit(rebuild, database, LIFECYCLE)
            wait_until(lambda: ask() or again.done(), "end of the rebuild")
        assert again.result() == head_of(connection)
        ask()
        assert digests_of(database) == expected
        check_followed(database, head_of(connection))
    assert len(answers) > 3
    assert all(answer == answers[0] for answer in answers), answers
