"""Make databases for tests, as copies of what was made ready once."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

_numbers = itertools.count(1)


def create(server: str, template: str) -> str:
    """Copy a database and give the name of the copy, which no other process of the run uses."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        # Copying files is cheaper than logging every page of them.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    return name


def drop(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(name)))


def at(server: str, name: str) -> str:
    """Give the connection string of a database."""
    return make_conninfo(server, dbname=name)


@contextmanager
def copied(server: str, template: str) -> Iterator[str]:
    """Give the connection string of a copy of a database, for as long as it is needed."""
    name = create(server, template)
    yield at(server, name)
    drop(server, name)
