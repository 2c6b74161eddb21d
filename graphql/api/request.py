"""Describe one GraphQL request, whatever carried it, and what is told of it afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.receiving import Writer
from projections.judging.reach import Reach


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request.

    `document_id` names a trusted document instead of `query`. `reach` limits what its reader may
    see; without it that is everything. `charge` is told the cost before anything runs
    and may refuse by raising a Problem. `caller` is for the records of the house.
    A document `is_own` if the house wrote it itself, so that it need not be trusted.
    """

    query: str = ""
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    writer: Writer | None = None
    may_mutate: bool = True
    document_id: str | None = None
    reach: Reach | None = None
    charge: Callable[[int], None] | None = None
    caller: str = ""
    traceparent: str = ""
    is_own: bool = False

    @property
    def scope(self) -> str:
        """Say what may be seen, in a form that is equal for those only who see the same."""
        return "" if self.reach is None else self.reach.key


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a name for records, what may be seen, whether and how rates apply.

    Rates count by `key`; `points` a second are those of this caller alone.
    """

    name: str = "anybody"
    reach: Reach | None = None
    is_limited: bool = False
    key: str = ""
    points: int | None = None


@dataclass(slots=True)
class Measured:
    """What became of a request: how long it took, what it cost, where it was answered from."""

    request: Request
    reference: str = ""
    operation: str = ""
    kind: str = ""
    cost: int = 0
    cached: bool = False
    seconds: float = 0.0
    database_seconds: float = 0.0
    position: int | None = None
    codes: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    """The root fields that were null for a caller who is limited, whether there is such a thing."""


Observer = Callable[[Measured], None]
"""Is told of every request once it has been answered."""
