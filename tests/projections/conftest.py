"""Give tests of relations a database with the empty tables of all read models."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from projections import settling, tracking
from projections.views import VIEWS


@pytest.fixture(scope="session")
def read_models(server: str, migrated: str) -> Iterator[Connection[Any]]:
    """Connect to a database whose read models are made once; a test must leave them empty."""
    name = f"read_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(migrated)
            )
        )
    with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as connection:
        tracking.ensure(connection, VIEWS)
        settling.ensure(connection)
        connection.execute("SET search_path TO read, public")
        yield connection
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
