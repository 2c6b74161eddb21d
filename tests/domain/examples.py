"""Deliveries and events of every kind, made from the example each kind carries."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.draft import Draft, prepare
from domain.envelope import Actor, Recorded, Source, event_bytes, leaf_hash, read_event
from domain.flexdate import Precision
from domain.kinds import KINDS

ACTOR = Actor("officer-7", "development and reform commission", "officer")
SALT = bytes(range(32))
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
_PERIODS = {
    None: "2024-06-11",
    Precision.MONTH: "2024-06",
    Precision.QUARTER: "2024-Q2",
    Precision.YEAR: "2024",
}


def identifier(number: int) -> str:
    return f"0190e1d3-0000-7000-8000-{number:012d}"


def arguments(kind: str, **changes: Any) -> dict[str, Any]:
    """Give what `prepare` needs for the example of a kind, with changes."""
    known = KINDS[kind]
    amends = known.stream_type == "target-stream"
    stream_type = "project" if amends else known.stream_type
    given = {
        "id": identifier(1),
        "kind": kind,
        "stream": f"{stream_type}/one",
        "occurred_on": _PERIODS[known.period],
        "actor": ACTOR,
        "source": Source("approval", "XM-17"),
        "payload": known.example,
        "request_id": "request-1",
        "reason": "checked on site" if known.reason_required else None,
        "corrects": identifier(9) if amends else None,
        "salts": lambda: SALT,
    }
    return given | changes


def drafted(kind: str, **changes: Any) -> Draft:
    return prepare(**arguments(kind, **changes))


def stored(draft: Draft, position: int = 1) -> bytes:
    return event_bytes(
        body=draft.body,
        kind=draft.kind,
        prev=None,
        recorded_at=OPENED + timedelta(seconds=position),
        stream=draft.stream,
        version=position,
    )


def recorded(draft: Draft, position: int = 1) -> Recorded:
    data = stored(draft, position)
    return read_event(position, data, leaf_hash(data))
