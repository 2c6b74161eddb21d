"""Answer `/health`: what a monitor, a person and a script want to know about the running server."""

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.condition import VERSION, condition
from server.house import House
from server.projector import Projector

PATIENCE_SECONDS = 3.0


async def health(request: Request) -> Response:
    """Describe the ledger; 503 when the database is away or a read model has stopped."""
    house: House = request.app.state.house
    projector: Projector = request.app.state.projector
    try:
        patience = min(PATIENCE_SECONDS, house.settings.patience_seconds)
        async with house.pool.connection(timeout=patience) as connection:
            described = await condition(connection)
    except (psycopg.Error, PoolTimeout):
        return JSONResponse({"status": "database unreachable", "version": VERSION}, 503)
    if not projector.is_alive:
        described["status"] = "stopped"
    return JSONResponse(described, 503 if described["status"] == "stopped" else 200)
