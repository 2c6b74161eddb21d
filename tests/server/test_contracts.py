"""The contracts over HTTP are valid, complete, and their examples are what we take and give."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from intake.cloudevents import read_document
from server.app import _routes
from server.asyncapi import asyncapi
from server.declarations import DECLARED
from server.event_schemas import SENT, event_of
from server.openapi import described, openapi

OPENAPI = openapi(_routes())
ASYNCAPI = asyncapi("ledger.example")


def referred(document: Any, reference: str) -> Any:
    """Follow a reference inside a document."""
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(value: Any) -> list[str]:
    """Give every reference in a document; examples hold none."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for part in value.values() for each in references(part)]
    return [each for part in value for each in references(part)] if isinstance(value, list) else []


def fits(document: Any, reference: str, instance: Any) -> None:
    """Check an instance against a schema inside a document."""
    whole = {"$ref": reference, "components": {"schemas": document["components"]["schemas"]}}
    Draft202012Validator(whole).validate(instance)


def test_the_openapi_document_is_valid():
    OpenAPIV31SpecValidator(OPENAPI).validate()


def test_every_route_is_declared_and_nothing_else():
    found = {(method, path) for method, path, _ in described(_routes())}

    assert found == set(DECLARED)
    ids = [one["operationId"] for path in OPENAPI["paths"].values() for one in path.values()]
    assert all(one["summary"] for path in OPENAPI["paths"].values() for one in path.values())
    assert len(ids) == len(set(ids))


def test_the_asyncapi_document_holds_together():
    """Structure and references as AsyncAPI 3.0.0 wants them."""
    shape = {
        "type": "object",
        "required": ["asyncapi", "info"],
        "additionalProperties": False,
        "properties": {
            "asyncapi": {"const": "3.0.0"},
            "info": {"type": "object", "required": ["title", "version"]},
            "defaultContentType": {"type": "string"},
            "servers": {"additionalProperties": {"required": ["host", "protocol"]}},
            "channels": {
                "additionalProperties": {
                    "required": ["address", "messages"],
                    "properties": {
                        "messages": {"additionalProperties": {"required": ["$ref"]}},
                    },
                }
            },
            "operations": {
                "additionalProperties": {
                    "required": ["action", "channel"],
                    "properties": {"action": {"enum": ["send", "receive"]}},
                }
            },
            "components": {
                "properties": {
                    "messages": {"additionalProperties": {"required": ["payload", "examples"]}}
                }
            },
        },
    }
    Draft202012Validator(shape).validate(ASYNCAPI)
    for reference in references(ASYNCAPI) + references(OPENAPI):
        assert reference.startswith("#/")
    for document in (ASYNCAPI, OPENAPI):
        assert all(referred(document, reference) for reference in references(document))
    # AsyncAPI names what tells kinds apart, OpenAPI maps it.
    assert ASYNCAPI["components"]["schemas"]["CloudEvent"]["discriminator"] == "type"
    assert set(ASYNCAPI["channels"]["deliveries"]["messages"]) == set(SENT)


def test_every_schema_is_one():
    for schema in OPENAPI["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_examples_fit_their_schemas(document):
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            fits(document, f"#/components/schemas/{name}", example)
    for kind in SENT:
        fits(document, "#/components/schemas/CloudEvent", event_of(kind))


def test_what_does_not_fit_is_told_apart():
    wrong = event_of("LandDelivered") | {"data": {"parcel": 1}}

    assert not Draft202012Validator(
        {"$ref": "#/components/schemas/CloudEvent", "components": OPENAPI["components"]}
    ).is_valid(wrong)


def test_every_example_of_a_delivery_is_taken_in(common_writer):
    refusals = {}
    for kind in SENT:
        [read] = read_document(json.dumps(event_of(kind)).encode())
        assert read.kind == kind
        answer = common_writer.post("/events", json=event_of(kind))
        [receipt] = answer.json()["receipts"]
        if receipt["status"] == "rejected":
            refusals[kind] = (receipt["code"], receipt.get("field"))

    assert refusals == {}


def test_what_followers_are_told_is_as_described(common_writer):
    sent = event_of("ProjectRegistered") | {"id": "contract-r", "subject": "project/contract"}
    position = common_writer.post("/events", json=sent).json()["position"]
    query = f"{{ board(atLeast: {position}) {{ region }} }}"
    common_writer.post("/graphql", json={"query": query})

    found = common_writer.get("/events?limit=50&stream=project/contract").json()

    page = OPENAPI["paths"]["/events"]["get"]["responses"]["200"]["content"]["application/json"]
    whole = {**page["schema"], "components": OPENAPI["components"]}
    Draft202012Validator(whole).validate(found)
    described = set(OPENAPI["components"]["schemas"]["Event"]["properties"])
    assert set(found["events"][0]) == described


def test_documents_and_versions_are_served(common_writer):
    assert common_writer.get("/openapi.json").json() == json.loads(json.dumps(OPENAPI))
    assert common_writer.get("/asyncapi.json").json()["asyncapi"] == "3.0.0"
    for kind in common_writer.get("/schemas").json():
        path = f"{kind['schema']}/{kind['version']}"
        assert common_writer.get(path).json() == common_writer.get(kind["schema"]).json()
    assert common_writer.get("/schemas/LandDelivered/7").json()["code"] == "unknown_version"
