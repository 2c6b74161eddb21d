"""Publish what may be sent: a JSON Schema for every kind of fact."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.kinds import KINDS, json_schema

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
            }
            for kind, payload in KINDS.items()
        ]
    )


async def show_schema(request: Request) -> Response:
    """Give the JSON Schema of one kind's payload."""
    kind = request.path_params["kind"].removesuffix(".json")
    if kind not in KINDS:
        return JSONResponse(
            {"code": "unknown_kind", "value": kind, "cure": "GET /schemas lists all kinds."}, 404
        )
    return JSONResponse(json_schema(kind), media_type=MEDIA_TYPE)
