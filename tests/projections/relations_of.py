"""The relations about lists and money, joined as the contract joins them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from psycopg import Connection

from domain.fact import Fact
from projections.answers import (
    admission_summary,
    funnel,
    plan_actual,
    post_evaluations,
    project_listings,
    start_rate,
)
from projections.catalogue import VIEWS
from projections.terms import policy_choice, quantities
from projections.terms.relation import Relation, Value
from tests.projections.asking import Link, Reader, Row, load, opened

_MODULES = (
    admission_summary,
    funnel,
    plan_actual,
    policy_choice,
    post_evaluations,
    project_listings,
    quantities,
    start_rate,
)
_PROJECT = Relation(
    "Project",
    {"id": "text"},
    {**project_listings.PROJECT_FIELDS, **post_evaluations.PROJECT_FIELDS},
)
_EVENT = Relation("Event", {"position": "bigint"}, {"position": Value("$self.position", "int")})
RELATIONS = {
    relation.type: relation
    for relation in (_PROJECT, _EVENT, *(one for module in _MODULES for one in module.RELATIONS))
}
ROOTS: dict[str, Link] = {name: link for module in _MODULES for name, link in module.ROOTS.items()}


@contextmanager
def telling(
    connection: Connection[Any], facts: Iterable[Fact], *, since: int | None = None
) -> Iterator[Connection[Any]]:
    """Let the read models know facts for a while, from their own positions or a given one on."""
    with connection.transaction(force_rollback=True):
        load(connection, VIEWS, opened(facts, since))
        yield connection


def reader(connection: Connection[Any], on: str | date, **clocks: Any) -> Reader:
    """Read as of a day."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return Reader(connection, RELATIONS, day, **clocks)


def project(connection: Connection[Any], id_: str, on: str | date, **clocks: Any) -> Row:
    """Start from one project."""
    return Row(reader(connection, on, **clocks), _PROJECT, {"id": id_})
