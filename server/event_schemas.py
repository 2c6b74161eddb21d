"""Describe the events that come in and go out, each kind from its own class, with examples."""

from functools import cache
from typing import Any

from domain.flexdate import Precision
from domain.kinds import KINDS, json_schema
from domain.kinds.payload import Payload
from domain.receipt import Status
from intake.grant import OF_THE_PROGRAM

Schema = dict[str, Any]

SCHEMAS = "#/components/schemas/"
_PERIODS = {
    None: "2024-06-11",
    Precision.MONTH: "2024-06",
    Precision.QUARTER: "2024-Q2",
    Precision.HALF: "2024-H1",
    Precision.YEAR: "2024",
}
_OF_LEDGER: Schema = {"type": "string", "minLength": 1}
_ATTRIBUTES: Schema = {
    "specversion": {"const": "1.0"},
    "type": {"type": "string", "description": "The kind of fact."},
    "source": {"type": "string", "description": "The system that says so, as /sources/<system>."},
    "id": {"type": "string", "description": "Its record there, `#` and the record's version."},
    "subject": {"type": "string", "description": "What it is about: a stream or an alias of one."},
    "time": {"type": "string", "description": "When the source recorded it."},
    "occurredon": {"type": "string", "description": "When it was true, as coarse as it is known."},
    "reason": {"type": "string", "description": "Why, where a reason is due."},
    "corrects": {"type": "string", "description": "The id of the event that it amends."},
    "signature": {"type": "string", "description": "The source's own signature, in base64."},
    "signaturekey": {"type": "string", "description": "The name of the key that signed."},
    "datacontenttype": {"type": "string"},
    "data": {"type": "object", "description": "The payload of the kind."},
}

TOKEN: Schema = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of this ledger, or a JSON Web Token of an issuer that it trusts."
    " It may be limited to rights, sources, kinds and regions.",
}
"""How callers prove who they are, as both documents say it."""


SENT = tuple(kind for kind in KINDS if kind not in OF_THE_PROGRAM)
"""The kinds that anybody may send over HTTP."""


def event_of(kind: str) -> Schema:
    """Give a CloudEvent that carries the example of a kind."""
    known = KINDS[kind]
    amends = known.stream_type == "target-stream"
    event: Schema = {
        "specversion": "1.0",
        "type": kind,
        "source": "/sources/crm",
        "id": f"{kind}-1#1",
        "subject": f"{'project' if amends else known.stream_type}/example",
        "occurredon": _PERIODS[known.period],
        "data": known.example,
    }
    if known.reason_required:
        event["reason"] = "checked on site"
    if amends:
        event["corrects"] = "01960000-0000-7000-8000-000000000001"
    return event


@cache
def event_schemas() -> dict[str, Schema]:
    """Describe every payload, every CloudEvent, and what is told of a recorded event."""
    schemas: dict[str, Schema] = {}
    for kind, known in KINDS.items():
        schemas[kind] = payload_schema(kind)
        if kind in SENT:
            schemas[f"{kind}.event"] = _cloud_event(known)
    schemas["CloudEvent"] = {
        "description": "A fact as a CloudEvent 1.0; further extension attributes are ignored.",
        "type": "object",
        "required": ["specversion", "type"],
        "oneOf": [{"$ref": f"{SCHEMAS}{kind}.event"} for kind in SENT],
        "discriminator": {
            "propertyName": "type",
            "mapping": {kind: f"{SCHEMAS}{kind}.event" for kind in SENT},
        },
    }
    schemas["Receipt"] = RECEIPT
    schemas["Event"] = EVENT
    return schemas


def payload_schema(kind: str) -> Schema:
    """Give the schema of a payload with its references as they are inside a whole document."""
    inside = f"{SCHEMAS}{kind}/$defs/"
    moved: Schema = _moved(json_schema(kind), inside)
    del moved["$schema"]
    return moved


def _moved(value: Any, inside: str) -> Any:
    """Make the references of a schema lead to where its definitions are now."""
    if isinstance(value, dict):
        return {
            name: inside + part.removeprefix("#/$defs/")
            if name == "$ref" and isinstance(part, str)
            else _moved(part, inside)
            for name, part in value.items()
        }
    return [_moved(part, inside) for part in value] if isinstance(value, list) else value


def _cloud_event(known: type[Payload]) -> Schema:
    """Describe the CloudEvent of a kind."""
    due = ["reason"] if known.reason_required else []
    return {
        "title": f"{known.english} · {known.chinese}",
        "description": f"{known.__doc__} `occurredon` is when: {known.occurred_on_means}.",
        "type": "object",
        "required": ["specversion", "type", "source", "id", "occurredon", *due],
        "properties": _ATTRIBUTES
        | {
            "type": {"const": known.kind},
            # Documents that prove the fact may lie beside its payload.
            "data": {"$ref": f"{SCHEMAS}{known.kind}"},
        },
        "examples": [event_of(known.kind)],
    }


RECEIPT: Schema = {
    "description": "What became of one fact.",
    "type": "object",
    "required": ["index", "status"],
    "properties": {
        "index": {"type": "integer", "minimum": 0},
        "status": {"enum": [status.value for status in Status]},
        "event_id": {"type": "string"},
        "position": {"type": "integer"},
        "code": {"type": "string"},
        "field": {"type": "string"},
        "value": {"type": "string"},
        "cure": {"type": "string"},
    },
}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
EVENT: Schema = {
    "description": "An event as it was recorded; its position is what to go on after.",
    "type": "object",
    "required": ["position", "id", "stream", "version", "type", "occurredOn", "recordedAt"],
    "properties": {
        "position": {"type": "integer", "minimum": 1},
        "id": {"type": "string", "format": "uuid"},
        "stream": _OF_LEDGER,
        "version": {"type": "integer", "minimum": 1},
        "type": {"type": "string", "description": "The kind; `GET /schemas` lists all."},
        "occurredOn": {"type": "string"},
        "recordedAt": {"type": "string", "format": "date-time"},
        "latenessDays": {"type": ["integer", "null"]},
        "reason": _MAYBE_TEXT,
        "payload": {"description": "The payload in the newest version of its kind."},
        "retracted": {"type": "boolean"},
        "leafHash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "actor": {
            "type": "object",
            "properties": dict.fromkeys(("id", "org", "role", "name"), _MAYBE_TEXT),
        },
        "source": {
            "type": "object",
            "properties": dict.fromkeys(("system", "recordId", "recordVersion"), _MAYBE_TEXT),
        },
        "evidence": {"type": "array", "items": {"type": "object"}},
        "corrects": {"type": ["object", "null"], "properties": {"id": {"type": "string"}}},
    },
    "examples": [
        {
            "position": 42,
            "id": "01960000-0000-7000-8000-000000000001",
            "stream": "project/01960000-0000-7000-8000-00000000000a",
            "version": 3,
            "type": "LandDelivered",
            "occurredOn": "2024-06-11",
            "recordedAt": "2024-06-12T01:02:03.000004Z",
            "latenessDays": 1,
            "reason": None,
            "payload": KINDS["LandDelivered"].example,
            "retracted": False,
            "leafHash": "0" * 64,
            "actor": {"id": "feed-1", "org": "行政审批局", "role": "source", "name": None},
            "source": {"system": "crm", "recordId": "DEED-7001", "recordVersion": "1"},
            "evidence": [],
            "corrects": None,
        }
    ],
}
