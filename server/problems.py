"""Answer what went wrong in plain JSON; no traceback leaves the server."""

from typing import Any

import psycopg
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from domain.errors import Conflict, LedgerError, NotFound, Refused


def problem(status: int, code: str, cure: str, **more: Any) -> Response:
    """Answer a problem with its stable code and its cure."""
    return JSONResponse({"code": code, "cure": cure, **more}, status)


async def _unavailable(_: Request, error: Exception) -> Response:
    """Say that the ledger cannot be reached now."""
    code = error.code if isinstance(error, LedgerError) else "unavailable"
    cure = error.cure if isinstance(error, LedgerError) else "Send the same again in a while."
    return problem(503, code, cure)


async def _refused(_: Request, error: Exception) -> Response:
    """Say what was wrong with a question, or that there is no such thing."""
    assert isinstance(error, LedgerError)
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    facts = {"message": str(error), "field": error.field, "value": error.value}
    shown = {name: fact for name, fact in facts.items() if fact is not None}
    return problem(status, error.code, error.cure, **shown)


async def _http(_: Request, error: Exception) -> Response:
    """Say what starlette refused."""
    assert isinstance(error, HTTPException)
    code = error.detail.lower().replace(" ", "_")
    answer = problem(error.status_code, code, "GET / lists what this server answers.")
    answer.headers.update(error.headers or {})
    return answer


async def _gone(_: Request, __: Exception) -> Response:
    """Close the books on a caller who left in the middle."""
    return Response(status_code=400)


async def _internal(_: Request, __: Exception) -> Response:
    """Say that the fault is ours; the details are in the server's log only."""
    return problem(500, "internal_error", "Try again; if it stays, report it with the time.")


STATUSES: dict[type[LedgerError], int] = {NotFound: 404, Conflict: 409, Refused: 400}
HANDLERS = {
    HTTPException: _http,
    ClientDisconnect: _gone,
    NotFound: _refused,
    Conflict: _refused,
    Refused: _refused,
    LedgerError: _unavailable,
    psycopg.OperationalError: _unavailable,
    PoolTimeout: _unavailable,
    Exception: _internal,
}
