"""Declare what each route takes and answers, beyond what its function says in its docstring."""

from domain.kinds import KINDS
from server.declaring import (
    BYTES,
    JSON,
    LINES,
    OBJECT,
    STREAM,
    TEXT,
    TEXT_SCHEMA,
    WORKBOOK,
    Declared,
    asked,
    sent,
)
from server.event_schemas import SCHEMAS, Schema, event_of
from server.exports.declared import EXPORTS
from server.following import LAST, MOST

_EXAMPLE = event_of("ProjectRegistered")

_BATCH = sent(
    "Ledger-Batch", "The name of the batch.", {"type": "string", "maxLength": 100, "minLength": 1}
)
_LANGUAGE = asked("lang", {"enum": ["en", "zh"]}, "The language of texts for people.")
_FOLLOWING = [
    asked("after", {"type": "integer", "minimum": 0, "maximum": LAST}, "Go on after this."),
    # Without a limit the answer is a stream, which AsyncAPI describes.
    asked(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST},
        "So many events at once, as a page; without it and with `after` they are streamed.",
        required=True,
    ),
    asked(
        "kind",
        {"type": "array", "items": {"enum": list(KINDS)}},
        "Only these kinds.",
        style="form",
        explode=False,
    ),
    asked("stream", {"type": "string", "minLength": 1}, "Only this stream, as project/<id>."),
    asked("source", {"type": "string", "minLength": 1}, "Only from this system."),
    asked(
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
        "batch_id": TEXT_SCHEMA,
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
    ("GET", "/"): Declared({"text/html": TEXT_SCHEMA}, [_LANGUAGE]),
    ("POST", "/events"): Declared(
        {JSON: _RECEIPTS, LINES: TEXT_SCHEMA},
        [_BATCH, sent("Idempotency-Key", "Answer what comes again under it as at first.")],
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
        {JSON: _PAGE, STREAM: TEXT_SCHEMA},
        [*_FOLLOWING, _LANGUAGE, sent("Last-Event-ID", "Go on after this instead of `after`.")],
        refusals=(400, 429, 503),
    ),
    ("POST", "/registers"): Declared(
        {JSON: OBJECT, WORKBOOK: TEXT_SCHEMA},
        [
            asked("mapping", TEXT_SCHEMA, "Which column means what.", required=True),
            asked("dry_run", {"type": "boolean"}, "Only say what would become of each row."),
            asked("year", TEXT_SCHEMA, "The year, where the register does not say."),
            asked("month", TEXT_SCHEMA, "The month, where the register does not say."),
            asked("file_name", TEXT_SCHEMA, "The name of the file."),
            _BATCH,
        ],
        {BYTES: {"schema": {}}, "text/csv": {"schema": TEXT_SCHEMA}, WORKBOOK: {"schema": {}}},
        (400, 404, 408, 409, 413, 415, 429, 503),
        needs_token=True,
    ),
    ("GET", "/batches/{batch}"): Declared(
        {JSON: OBJECT, LINES: TEXT_SCHEMA}, refusals=(400, 404, 503)
    ),
    ("GET", "/receipts/{system}/{record}"): Declared({JSON: OBJECT}, refusals=(400, 404, 503)),
    ("GET", "/bundles/{bundle}"): Declared(
        {"application/zip": TEXT_SCHEMA}, refusals=(400, 404, 503), needs_token=True
    ),
    ("GET", "/health"): Declared({JSON: OBJECT}, refusals=(503,)),
    ("GET", "/metrics"): Declared({TEXT: TEXT_SCHEMA}, refusals=(403,)),
    ("GET", "/schemas"): Declared({JSON: {"type": "array", "items": OBJECT}}),
    ("GET", "/schemas/{kind}"): Declared({"application/schema+json": OBJECT}, refusals=(404,)),
    ("GET", "/schemas/{kind}/{version}"): Declared(
        {"application/schema+json": OBJECT}, refusals=(404,)
    ),
    ("GET", "/openapi.json"): Declared({JSON: OBJECT}),
    ("GET", "/asyncapi.json"): Declared({JSON: OBJECT}),
    ("GET", "/schema.graphql"): Declared({TEXT: TEXT_SCHEMA}),
    ("GET", "/checkpoint"): Declared({TEXT: TEXT_SCHEMA}, refusals=(404, 503)),
    ("GET", "/tile/entries/{place}"): Declared({BYTES: TEXT_SCHEMA}, refusals=(400, 403, 404, 503)),
    ("GET", "/tile/{level}/{place}"): Declared({BYTES: TEXT_SCHEMA}, refusals=(400, 404, 503)),
    ("GET", "/proofs/events/{event}"): Declared({TEXT: TEXT_SCHEMA}, refusals=(400, 404, 503)),
    ("GET", "/proofs/consistency"): Declared(
        {JSON: OBJECT},
        [
            asked("from", {"type": "integer", "minimum": 0}, "A size.", required=True),
            asked("to", {"type": "integer", "minimum": 0}, "A later size.", required=True),
        ],
        refusals=(400, 404, 503),
    ),
    **EXPORTS,
}
"""Every route but GraphQL, which describes itself, by its method and path."""
