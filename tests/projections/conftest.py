"""Give tests of relations a database with the empty tables of all read models."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.databases import copied


@pytest.fixture(scope="session")
def read_models(server: str, modelled: str) -> Iterator[Connection[Any]]:
    """Connect to a database with empty read models; a test must leave them empty."""
    with (
        copied(server, modelled) as conninfo,
        psycopg.connect(conninfo, autocommit=True) as connection,
    ):
        connection.execute("SET search_path TO read, public")
        yield connection
