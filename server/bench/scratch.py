"""Make a database for a measurement on the server that is there, and drop it afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.migrate import migrate


@contextmanager
def scratch(conninfo: str, purpose: str) -> Iterator[str]:
    """Give the connection string of a fresh, migrated database for the length of a `with`."""
    name = sql.Identifier(f"bench_{purpose}_{os.getpid()}")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        try:
            database = make_conninfo(conninfo, dbname=f"bench_{purpose}_{os.getpid()}")
            migrate(database)
            yield database
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
