"""Declare what each route takes and answers, beyond what its function says in its docstring."""

from dataclasses import dataclass, field
from typing import Any

from domain.kinds import KINDS
from server.event_schemas import SCHEMAS, Schema, event_of
from server.following import LAST, MOST

JSON = "application/json"
LINES = "application/x-ndjson"
TEXT = "text/plain"
BYTES = "application/octet-stream"
STREAM = "text/event-stream"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OBJECT: Schema = {"type": "object"}
_TEXT: Schema = {"type": "string"}
_EXAMPLE = event_of("ProjectRegistered")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route takes and answers."""

    answers: dict[str, Schema]
    """The schema of a good answer by media type."""
    parameters: list[Schema] = field(default_factory=list)
    body: dict[str, Schema] | None = None
    """The content of a body by media type."""
    refusals: tuple[int, ...] = ()
    needs_token: bool = False


def _asked(name: str, schema: Schema, says: str, **more: Any) -> Schema:
    """Declare a parameter of the query string."""
    return {"name": name, "in": "query", "description": says, "schema": schema, **more}


def _sent(name: str, says: str, schema: Schema = _TEXT) -> Schema:
    """Declare a header."""
    return {"name": name, "in": "header", "description": says, "schema": schema}


_BATCH = _sent(
    "Ledger-Batch", "The name of the batch.", {"type": "string", "maxLength": 100, "minLength": 1}
)
_LANGUAGE = _asked("lang", {"enum": ["en", "zh"]}, "The language of texts for people.")
_FOLLOWING = [
    _asked("after", {"type": "integer", "minimum": 0, "maximum": LAST}, "Go on after this."),
    # Without a limit the answer is a stream, which AsyncAPI describes.
    _asked(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST},
        "So many events at once, as a page; without it and with `after` they are streamed.",
        required=True,
    ),
    _asked(
        "kind",
        {"type": "array", "items": {"enum": list(KINDS)}},
        "Only these kinds.",
        style="form",
        explode=False,
    ),
    _asked("stream", {"type": "string", "minLength": 1}, "Only this stream, as project/<id>."),
    _asked("source", {"type": "string", "minLength": 1}, "Only from this system."),
    _asked(
        "region",
        {"type": "array", "items": {"type": "string", "pattern": "^[0-9]{2,12}$"}},
        "Only of projects in these districts, by code or its beginning.",
        style="form",
        explode=False,
    ),
]
_PAGE: Schema = {
    "type": "object",
    "required": ["events", "after", "more"],
    "properties": {
        "events": {"type": "array", "items": {"$ref": f"{SCHEMAS}Event"}},
        "after": {"type": "integer"},
        "more": {"type": "boolean"},
    },
}
_RECEIPTS: Schema = {
    "type": "object",
    "required": ["position", "receipts"],
    "properties": {
        "batch_id": _TEXT,
        "position": {"type": "integer"},
        "receipts": {"type": "array", "items": {"$ref": f"{SCHEMAS}Receipt"}},
    },
}
_EVENT = {"schema": {"$ref": f"{SCHEMAS}CloudEvent"}, "example": _EXAMPLE}
_EVENTS = {
    "schema": {"type": "array", "items": {"$ref": f"{SCHEMAS}CloudEvent"}},
    "example": [_EXAMPLE, event_of("LandDelivered")],
}

DECLARED: dict[tuple[str, str], Declared] = {
    ("GET", "/"): Declared({"text/html": _TEXT}, [_LANGUAGE]),
    ("POST", "/events"): Declared(
        {JSON: _RECEIPTS, LINES: _TEXT},
        [_BATCH, _sent("Idempotency-Key", "Answer what comes again under it as at first.")],
        {
            "application/cloudevents+json": _EVENT,
            "application/cloudevents-batch+json": _EVENTS,
            JSON: _EVENTS,
            LINES: {"schema": {"type": "string", "description": "A CloudEvent a line."}},
        },
        (400, 408, 409, 413, 415, 422, 429, 503),
        needs_token=True,
    ),
    ("GET", "/events"): Declared(
        {JSON: _PAGE, STREAM: _TEXT},
        [*_FOLLOWING, _LANGUAGE, _sent("Last-Event-ID", "Go on after this instead of `after`.")],
        refusals=(400, 429, 503),
    ),
    ("POST", "/registers"): Declared(
        {JSON: _OBJECT, WORKBOOK: _TEXT},
        [
            _asked("mapping", _TEXT, "Which column means what.", required=True),
            _asked("dry_run", {"type": "boolean"}, "Only say what would become of each row."),
            _asked("year", _TEXT, "The year, where the register does not say."),
            _asked("month", _TEXT, "The month, where the register does not say."),
            _asked("file_name", _TEXT, "The name of the file."),
            _BATCH,
        ],
        {BYTES: {"schema": {}}, "text/csv": {"schema": _TEXT}, WORKBOOK: {"schema": {}}},
        (400, 404, 408, 409, 413, 429, 503),
        needs_token=True,
    ),
    ("GET", "/batches/{batch}"): Declared({JSON: _OBJECT, LINES: _TEXT}, refusals=(400, 404, 503)),
    ("GET", "/receipts/{system}/{record}"): Declared({JSON: _OBJECT}, refusals=(400, 404, 503)),
    ("GET", "/bundles/{bundle}"): Declared(
        {"application/zip": _TEXT}, refusals=(400, 404, 503), needs_token=True
    ),
    ("GET", "/health"): Declared({JSON: _OBJECT}, refusals=(503,)),
    ("GET", "/metrics"): Declared({TEXT: _TEXT}),
    ("GET", "/schemas"): Declared({JSON: {"type": "array", "items": _OBJECT}}),
    ("GET", "/schemas/{kind}"): Declared({"application/schema+json": _OBJECT}, refusals=(404,)),
    ("GET", "/schemas/{kind}/{version}"): Declared(
        {"application/schema+json": _OBJECT}, refusals=(404,)
    ),
    ("GET", "/openapi.json"): Declared({JSON: _OBJECT}),
    ("GET", "/asyncapi.json"): Declared({JSON: _OBJECT}),
    ("GET", "/schema.graphql"): Declared({TEXT: _TEXT}),
    ("GET", "/checkpoint"): Declared({TEXT: _TEXT}, refusals=(404, 503)),
    ("GET", "/tile/entries/{place}"): Declared({BYTES: _TEXT}, refusals=(400, 404, 503)),
    ("GET", "/tile/{level}/{place}"): Declared({BYTES: _TEXT}, refusals=(400, 404, 503)),
    ("GET", "/proofs/events/{event}"): Declared({TEXT: _TEXT}, refusals=(400, 404, 503)),
    ("GET", "/proofs/consistency"): Declared(
        {JSON: _OBJECT},
        [
            _asked("from", {"type": "integer", "minimum": 0}, "A size.", required=True),
            _asked("to", {"type": "integer", "minimum": 0}, "A later size.", required=True),
        ],
        refusals=(400, 404, 503),
    ),
}
"""Every route but GraphQL, which describes itself, by its method and path."""
