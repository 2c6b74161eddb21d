"""Answer `/health`: what a monitor, a person and a script want to know about the running server."""

from typing import Any

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.condition import condition
from server.house import House
from server.projector import Projector
from server.signer import Signer
from server.version import VERSION

PATIENCE_SECONDS = 3.0
HEALTHY = frozenset({"ok", "behind"})
UNREACHABLE = "database unreachable"
NOT_SIGNING = "not signing"


async def health(request: Request) -> Response:
    """Describe the ledger; 503 when the database is away, a read model stopped, or nobody signs."""
    described = await described_condition(request)
    return JSONResponse(described, 200 if described["status"] in HEALTHY else 503)


async def described_condition(request: Request) -> dict[str, Any]:
    """Say how the ledger behind a request is, without waiting long for the database."""
    house: House = request.app.state.house
    projector: Projector = request.app.state.projector
    try:
        patience = min(PATIENCE_SECONDS, house.settings.patience_seconds)
        async with house.pool.connection(timeout=patience) as connection:
            described = await condition(connection)
    except (psycopg.Error, PoolTimeout):
        return {"status": UNREACHABLE, "version": VERSION}
    if not projector.is_alive:
        described["status"] = "stopped"
    signer: Signer = request.app.state.signer
    described["signing"] = signer.described
    described["witnessing"] = request.app.state.witnessing.described
    refuses = signer.described["problem"] or not signer.is_alive
    if refuses and described["status"] in HEALTHY:
        described["status"] = NOT_SIGNING
    return described
