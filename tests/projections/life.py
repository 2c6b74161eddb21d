"""The relations about the life of projects, joined as the contract joins them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from psycopg import Connection

from domain.fact import Fact
from projections.catalogue import VIEWS
from projections.relations import RELATIONS as EVERY
from projections.relations import ROOTS
from projections.terms import calendar
from tests.projections.asking import Reader, Row, load, opened

RELATIONS = {relation.type: relation for relation in EVERY}


@contextmanager
def telling(connection: Connection[Any], facts: Iterable[Fact]) -> Iterator[Connection[Any]]:
    """Let the read models and the calendar know facts for a while."""
    with connection.transaction(force_rollback=True):
        calendar.ensure(connection)
        load(connection, VIEWS, opened(facts))
        yield connection


def reader(connection: Connection[Any], on: str | date, **clocks: Any) -> Reader:
    """Read as of a day."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return Reader(connection, RELATIONS, day, **clocks)


def ask(connection: Connection[Any], root: str, on: str | date, /, **arguments: Any) -> list[Row]:
    """Ask a question as of a day."""
    return reader(connection, on).rows(ROOTS[root], **arguments)


def project(connection: Connection[Any], id_: str, on: str | date) -> Row:
    """Find a project as of a day."""
    (found,) = ask(connection, "project", on, id=id_)
    return found
