"""A fact as it stands after corrections: what every read model and every judgement is made from."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from domain.envelope import Actor, Evidence, Source
from domain.flexdate import BEIJING, FlexDate
from domain.kinds import KINDS, catalogue_rank
from domain.versions import unique_key

_RANKS = {kind: f"{catalogue_rank(kind):03d}" for kind in KINDS}
_LAST = f"{catalogue_rank(''):03d}"
_PROJECT = "project/"
_WHOLE_PROJECT = "project"


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An effective fact; `id` and `position` are its first event's, `cause` the event in force."""

    id: str
    position: int
    cause: str
    kind: str
    stream: str
    project: str | None
    phase_id: str | None
    occurred_on: FlexDate
    payload: dict[str, Any]
    actor: Actor
    source: Source
    evidence: tuple[Evidence, ...]
    reason: str | None
    order_key: str
    recorded_at: datetime


def order_key(occurred_on: FlexDate, kind: str, source: Source) -> str:
    """Give the place of a fact in the fold, as text that sorts by its bytes.

    First the earliest day, coarser dates last, then the time of day, the kind's place in the
    catalogue and the source's record. Where the fact arrived is deliberately not part of it: the
    same deliveries in another order must give the same state.
    """
    return place_of(occurred_on.text, kind, source.system, source.record_id)


def place_met_once(occurred_on: str, kind: str, system: str, record_id: str) -> str:
    """Give the order key of a fact to who reads the ledger through and meets each fact once."""
    return f"{_moment(occurred_on, kind)}{unique_key(f'{system}/{record_id}')}"


place_of = lru_cache(maxsize=16_384)(place_met_once)
"""Give the order key of a fact; it is asked for whenever the project is folded."""


@lru_cache(maxsize=65_536)
def _moment(text: str, kind: str) -> str:
    """Give day, precision, time of day and kind; a date without a time has none to sort by."""
    occurred_on = FlexDate.parse(text)
    instant = occurred_on.instant
    time = "" if instant is None else instant.astimezone(BEIJING).strftime("%H%M%S%f")
    rank = _RANKS.get(kind, _LAST)
    return f"{occurred_on.earliest.isoformat()}{occurred_on.precision.value}{time}|{rank}"


@lru_cache(maxsize=65_536)
def project_of(stream: str) -> str | None:
    """Give the bare project id of a project's stream."""
    return stream[len(_PROJECT) :] if stream.startswith(_PROJECT) else None


def phase_of(kind: str, payload: dict[str, Any]) -> str | None:
    """Give the phase a fact names; a definition without an id is called by its ordinal."""
    phase = payload.get("phase_id")
    if phase is not None:
        return str(phase)
    return _PHASES[kind](payload) if kind in _PHASES else None


def _scope(payload: dict[str, Any]) -> str | None:
    """Give the phase that a halt is about, or none where it is about the whole project."""
    scope = payload.get("scope")
    return None if scope == _WHOLE_PROJECT else str(scope)


_PHASES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "PhaseDefined": lambda payload: str(payload["ordinal"]),
    "ProjectSuspended": _scope,
    "ProjectResumed": _scope,
}
