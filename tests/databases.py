"""Make databases for tests, as copies of what was made ready once."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.key_place import with_keys

_numbers = itertools.count(1)


def create(server: str, template: str) -> str:
    """Copy a database and give the name of the copy, which no other process of the run uses."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        # Copying files is cheaper than logging every page of them.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    with suppress(FileNotFoundError):
        shutil.copyfile(keys(template), keys(name))
    return name


def drop(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(name)))
    for file in (keys(name), keys(f".{name}").with_suffix(".keys.lock")):
        file.unlink(missing_ok=True)


def at(server: str, name: str) -> str:
    """Give the connection string of a database, with a place for the keys of its persons."""
    return with_keys(make_conninfo(server, dbname=name), keys(name))


def keys(name: str) -> Path:
    """Give the place for the keys of persons of a database."""
    return Path(_folder().name, f"{name}.keys")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Make the folder for all keys of this process, which goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="ledger-keys-")


@contextmanager
def copied(server: str, template: str) -> Iterator[str]:
    """Give the connection string of a copy of a database, for as long as it is needed."""
    name = create(server, template)
    yield at(server, name)
    drop(server, name)
