"""Describe the HTTP side in OpenAPI 3.1, from the routes and what is declared of them."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from starlette.routing import BaseRoute, Route

from server.change_schemas import message_of
from server.declarations import DECLARED
from server.declaring import JSON, Declared
from server.event_schemas import SCHEMAS, TOKEN, Schema, event_schemas
from server.topics import TOPICS
from server.version import VERSION

_CONVERTER = re.compile(r"\{(\w+):\w+\}")
_NAMES = re.compile(r"\{(\w+)\}")
_PROBLEM: Schema = {
    "description": "What is wrong and what helps.",
    "type": "object",
    "required": ["code", "cure"],
    "properties": {
        "code": {"type": "string"},
        "cure": {"type": "string"},
        "field": {"type": ["string", "null"]},
        "value": {},
        "message": {"type": "string"},
    },
}


def openapi(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Give the document for these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, route in described(routes):
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, route)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Lifecycle Ledger",
            "version": VERSION,
            "description": "Facts come in, and whoever follows them gets every one in order.",
        },
        # On this machine reading is open to everybody; elsewhere it needs a token, too.
        "security": [{}, {"token": []}],
        "paths": paths,
        "webhooks": {"recorded": {"post": _recorded()}, "changed": {"post": _changed()}},
        "components": {
            "schemas": {**event_schemas(), "Problem": _PROBLEM},
            "securitySchemes": {"token": TOKEN},
        },
    }


def _recorded() -> Schema:
    """Describe what a webhook is sent for each event."""
    message = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string"},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": f"{SCHEMAS}Event"},
        },
    }
    return _webhook("recorded", "An event was recorded", message)


def _changed() -> Schema:
    """Describe what a webhook is sent for what follows from facts and the day."""
    return _webhook("changed", "Something began to be so", {"oneOf": [*map(message_of, TOPICS)]})


def _webhook(name: str, summary: str, message: Schema) -> Schema:
    """Describe one message. Source: Standard Webhooks 1.0."""
    signed = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "operationId": name,
        "summary": f"{summary}; any 2xx answer takes it, all else is tried again.",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in signed
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": message}}},
        "responses": {"2XX": {"description": "Taken."}},
    }


def described(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Route]]:
    """Give method and path of every route that is not GraphQL's own."""
    for route in routes:
        if isinstance(route, Route) and not route.path.startswith("/graphql"):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, _CONVERTER.sub(r"{\1}", route.path), route


def _operation(method: str, path: str, route: Route) -> Schema:
    """Describe one method of a path by what its function says and what is declared."""
    declared = DECLARED[method, path]
    said = (getdoc(route.endpoint) or "").partition("\n\n")
    operation: Schema = {
        "operationId": route.name.strip("_"),
        "summary": " ".join(said[0].split()),
        "parameters": [*map(_placed, _NAMES.findall(path)), *declared.parameters],
        "responses": _responses(declared),
    }
    if said[2]:
        operation["description"] = " ".join(said[2].split())
    if declared.body is not None:
        operation["requestBody"] = {"required": True, "content": declared.body}
    if declared.needs_token:
        operation["security"] = [{"token": []}]
    return operation


def _placed(name: str) -> Schema:
    """Declare a part of the path."""
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(declared: Declared) -> Schema:
    """Describe the good answer and the refusals."""
    good = {media: {"schema": schema} for media, schema in declared.answers.items()}
    problem = {JSON: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
    unchanged = {"304": {"description": "The caller has this answer already."}}
    answers = unchanged if declared.may_be_unchanged else {}
    return {"200": {"description": "The answer.", "content": good}, **answers} | {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem}
        for status in sorted({401, *declared.refusals})
    }
