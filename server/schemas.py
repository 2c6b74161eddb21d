"""Publish what may be sent: a JSON Schema for every kind of fact, and the documents over them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.flexdate import GRAMMAR
from domain.kinds import KINDS, json_schema
from server.asyncapi import asyncapi
from server.openapi import openapi

MEDIA_TYPE = "application/schema+json"


async def list_kinds(_: Request) -> Response:
    """List all kinds with their names, meanings and schemas."""
    return JSONResponse(
        [
            {
                "kind": kind,
                "english": payload.english,
                "chinese": payload.chinese,
                "meaning": payload.__doc__,
                "occurred_on": payload.occurred_on_means,
                "schema": f"/schemas/{kind}",
                "version": payload.schema_version,
            }
            for kind, payload in KINDS.items()
        ]
    )


async def show_schema(request: Request) -> Response:
    """Give the JSON Schema of one kind's payload, in its newest version or the one named.

    FlexDate, the form of coarse dates that fields of many kinds have, is described likewise.

    Stored events of older versions are told in the newest one, so no other can be sent.
    """
    kind = request.path_params["kind"].removesuffix(".json")
    if kind == GRAMMAR["title"]:
        return JSONResponse(GRAMMAR, media_type=MEDIA_TYPE)
    if kind not in KINDS:
        return JSONResponse(
            {"code": "unknown_kind", "value": kind, "cure": "GET /schemas lists all kinds."}, 404
        )
    newest = KINDS[kind].schema_version
    version = request.path_params.get("version", str(newest))
    if version != str(newest):
        cure = f"The version that may be sent is {newest}."
        return JSONResponse({"code": "unknown_version", "value": version, "cure": cure}, 404)
    return JSONResponse(json_schema(kind), media_type=MEDIA_TYPE)


async def show_openapi(request: Request) -> Response:
    """Describe the HTTP side in OpenAPI 3.1."""
    return JSONResponse(openapi(request.app.routes))


async def show_asyncapi(request: Request) -> Response:
    """Describe what comes in and what can be followed in AsyncAPI 3."""
    return JSONResponse(asyncapi(request.url.netloc))
