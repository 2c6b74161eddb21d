"""Describe what comes in and what can be followed in AsyncAPI 3, each kind from its own class."""

from typing import Any

from domain.kinds import KINDS
from server.change_schemas import example_of, meaning_of, message_of
from server.event_schemas import EVENT, SCHEMAS, SENT, TOKEN, Schema, event_of, event_schemas
from server.following import FILTERS
from server.topics import TOPICS
from server.version import VERSION

_DOCUMENT = "3.0.0"
_OF_HTTP = {"bindingVersion": "0.3.0"}


def asyncapi(host: str) -> dict[str, Any]:
    """Give the document of a server under the name by which it was asked."""
    return {
        "asyncapi": _DOCUMENT,
        "info": {"title": "Lifecycle Ledger", "version": VERSION},
        "defaultContentType": "application/json",
        "servers": {
            "ledger": {
                "host": host,
                "protocol": "http",
                "security": [_ref("securitySchemes/token")],
            }
        },
        "channels": {
            "deliveries": {
                "address": "/events",
                "description": "Facts that other systems send, as CloudEvents 1.0.",
                "messages": {kind: _ref(f"messages/{kind}") for kind in SENT},
            },
            "events": {
                "address": "/events",
                "description": (
                    "Every recorded event in order, as server-sent events; the id of each is its"
                    " position, after which to go on with Last-Event-ID."
                ),
                "messages": {"recorded": _ref("messages/recorded")},
            },
            "changes": {
                "address": None,
                "description": (
                    "What follows from facts and the day, when it begins to be so, posted to"
                    " webhooks that asked for it."
                ),
                "messages": {topic: _ref(f"messages/{topic}") for topic in TOPICS},
            },
        },
        "operations": {
            "deliver": {
                "action": "receive",
                "channel": {"$ref": "#/channels/deliveries"},
                "bindings": {"http": {"method": "POST", **_OF_HTTP}},
            },
            "follow": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "bindings": {"http": {"method": "GET", "query": _query(), **_OF_HTTP}},
            },
            "tell": {
                "action": "send",
                "channel": {"$ref": "#/channels/changes"},
                "bindings": {"http": {"method": "POST", **_OF_HTTP}},
            },
        },
        "components": {
            "schemas": _schemas(),
            "messages": {
                **{kind: _delivered(kind) for kind in SENT},
                **{topic: _changed(topic) for topic in TOPICS},
                "recorded": _recorded(),
            },
            "securitySchemes": {"token": TOKEN},
        },
    }


def _schemas() -> dict[str, Schema]:
    """Give the schemas; what tells kinds apart is only named in AsyncAPI, where OpenAPI maps it."""
    schemas = event_schemas()
    told = schemas["CloudEvent"]
    named = told["discriminator"]["propertyName"]
    return schemas | {"CloudEvent": {**told, "discriminator": named}}


def _ref(place: str) -> Schema:
    return {"$ref": f"#/components/{place}"}


def _query() -> Schema:
    """Describe the parameters that choose what is followed."""
    after = {"type": "integer", "minimum": 0, "description": "Go on after this position."}
    chosen = {name: {"type": "string"} for name in FILTERS}
    return {"type": "object", "properties": {"after": after, **chosen}}


def _delivered(kind: str) -> Schema:
    """Describe a delivery of a kind."""
    known = KINDS[kind]
    return {
        "name": kind,
        "title": f"{known.english} · {known.chinese}",
        "summary": known.__doc__,
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": f"{SCHEMAS}{kind}.event"},
        "examples": [{"name": kind, "payload": event_of(kind)}],
    }


def _changed(topic: str) -> Schema:
    """Describe what a webhook is told of a change."""
    return {
        "name": topic,
        "title": meaning_of(topic),
        "contentType": "application/json",
        "payload": message_of(topic),
        "examples": [{"name": topic, "payload": example_of(topic)}],
    }


def _recorded() -> Schema:
    """Describe what a follower is told."""
    return {
        "name": "recorded",
        "title": "A recorded event",
        "contentType": "application/json",
        "payload": {"$ref": f"{SCHEMAS}Event"},
        "examples": [{"payload": example} for example in EVENT["examples"]],
    }
