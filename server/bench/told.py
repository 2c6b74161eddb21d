"""A fact as a source tells it, before anybody has checked it: as a draft or as a line of NDJSON."""

import os
from dataclasses import dataclass
from typing import Any

import orjson

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source

SYSTEM = "register"
_ACTOR = Actor(id="portfolio", org="Development and Reform Commission", role="steward")


@dataclass(frozen=True, slots=True)
class Told:
    """One fact about a stream; `corrects` is the fact that it amends."""

    id: str
    record_id: str
    kind: str
    stream: str
    occurred_on: str
    payload: dict[str, Any]
    corrects: "Told | None" = None
    reason: str | None = None

    def draft(self) -> Draft:
        """Check it and make it ready for the writer."""
        return prepare(
            id=self.id,
            kind=self.kind,
            stream=self.stream,
            occurred_on=self.occurred_on,
            actor=_ACTOR,
            source=Source(system=SYSTEM, record_id=self.record_id, record_version="1"),
            payload=self.payload,
            request_id="bench",
            corrects=None if self.corrects is None else self.corrects.id,
            reason=self.reason,
            salts=lambda: os.urandom(32),
        )

    def line(self) -> bytes:
        """Write it as a CloudEvent on a line of its own."""
        event = {
            "specversion": "1.0",
            "type": self.kind,
            "source": f"/sources/{SYSTEM}",
            "id": f"{self.record_id}#1",
            "subject": self.stream,
            "occurredon": self.occurred_on,
            "data": self.payload,
        }
        if self.corrects is not None:
            event["corrects"] = f"source:{SYSTEM}/{self.corrects.record_id}"
        if self.reason is not None:
            event["reason"] = self.reason
        return orjson.dumps(event) + b"\n"
