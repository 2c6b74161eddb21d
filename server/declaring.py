"""Say in which words routes are declared: parameters, headers, bodies, answers."""

from dataclasses import dataclass, field
from typing import Any

from server.event_schemas import Schema

JSON = "application/json"
LINES = "application/x-ndjson"
TEXT = "text/plain"
BYTES = "application/octet-stream"
STREAM = "text/event-stream"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OBJECT: Schema = {"type": "object"}
TEXT_SCHEMA: Schema = {"type": "string"}


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
    may_be_unchanged: bool = False
    """Whether 304 is answered to a caller who has the present answer already."""


def asked(name: str, schema: Schema, says: str, **more: Any) -> Schema:
    """Declare a parameter of the query string."""
    return {"name": name, "in": "query", "description": says, "schema": schema, **more}


def sent(name: str, says: str, schema: Schema = TEXT_SCHEMA) -> Schema:
    """Declare a header."""
    return {"name": name, "in": "header", "description": says, "schema": schema}
