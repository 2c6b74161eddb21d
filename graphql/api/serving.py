"""Open the engine over the project's own schema and relations."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from api.contract import Contract, contract
from api.database import Readers
from api.engine import Engine, Settings, now_in_utc
from api.plain import attach
from api.request import Observer
from api.schema import executable_schema
from api.trusted import Trusted
from projections.answers.followed import FOLLOWED
from projections.relations import RELATIONS, ROOTS


@cache
def own_contract() -> Contract:
    """Join our schema and relations, once. Raises Unmapped if a field has nothing behind it."""
    joined = contract(executable_schema(), RELATIONS, ROOTS, FOLLOWED)
    attach(joined)
    return joined


def engine_over(
    conninfo: str,
    *,
    clock: Callable[[], datetime] = now_in_utc,
    settings: Settings | None = None,
    trusted: Trusted | None = None,
    observer: Observer | None = None,
    connections: int = 8,
    statement_seconds: float = 5.0,
    patience_seconds: float = 0.0,
) -> Engine:
    """Open an engine over a database; it connects when the first question comes."""
    return Engine(
        own_contract(),
        Readers(
            conninfo,
            size=connections,
            milliseconds=round(statement_seconds * 1000),
            patience_seconds=patience_seconds,
        ),
        clock=clock,
        settings=settings,
        trusted=trusted,
        observer=observer,
    )
