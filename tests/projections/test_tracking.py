"""Positions of read models hold when several programs, or programs of several versions, follow."""

import psycopg
import pytest

from projections.folding import tracking
from projections.runner import Runner
from projections.views.amendments import VIEW as AMENDMENTS
from tests.ledger.conftest import make_fact
from tests.ledger.test_append import appended


def test_a_table_of_an_older_program_is_completed(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        tracking.ensure(connection, (AMENDMENTS,))
        connection.execute("ALTER TABLE read.tracking DROP COLUMN definition")

        tracking.ensure(connection, (AMENDMENTS,))

        assert [state.name for state in tracking.states(connection)] == ["amendments"]


def test_tables_are_made_while_nobody_folds(database: str) -> None:
    with (
        psycopg.connect(database, autocommit=True) as folding,
        psycopg.connect(database, autocommit=True) as starting,
    ):
        folding.execute("SELECT pg_advisory_lock(%s)", (tracking.LEASE,))
        starting.execute("SET lock_timeout = '100ms'")

        with pytest.raises(psycopg.errors.LockNotAvailable):
            tracking.ensure(starting, (AMENDMENTS,))


def test_a_program_leaves_the_tables_of_another_version_alone(database: str) -> None:
    appended(database, [make_fact("r1"), make_fact("r2")])

    def made_anew(_: int, __: int) -> None:
        with psycopg.connect(database) as other:
            other.execute("UPDATE read.tracking SET version = version + 1, position = 0")

    Runner(database, (AMENDMENTS,), batch=1).catch_up(made_anew)

    with psycopg.connect(database) as connection:
        assert [state.position for state in tracking.states(connection)] == [0]
