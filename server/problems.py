"""Answer what went wrong in plain JSON; no traceback leaves the server."""

from typing import Any

import psycopg
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from domain.errors import Conflict, LedgerError, Malformed, NotFound, Refused
from intake.answers import KeyReused
from server.body import SlowSender
from server.forms import UnreadForm

RETRY_AFTER = {"Retry-After": "1"}
RETRIED = frozenset({408, 409, 503})
STATUSES: dict[type[LedgerError], int] = {
    KeyReused: 422,
    SlowSender: 408,
    UnreadForm: 415,
    NotFound: 404,
    Conflict: 409,
    Refused: 400,
}


def problem(status: int, code: str, cure: str, **more: Any) -> Response:
    """Answer a problem with its stable code and its cure."""
    return JSONResponse({"code": code, "cure": cure, **more}, status)


async def _unavailable(_: Request, error: Exception) -> Response:
    """Answer what nobody caught while the ledger cannot be reached."""
    return unavailable(error)


def unavailable(error: Exception) -> Response:
    """Say that the ledger cannot be reached now."""
    code = error.code if isinstance(error, LedgerError) else "unavailable"
    cure = error.cure if isinstance(error, LedgerError) else "Send the same again in a while."
    answer = problem(503, code, cure)
    answer.headers.update(RETRY_AFTER)
    return answer


def refused(error: LedgerError) -> Response:
    """Say what was wrong, or that there is no such thing; what may pass is worth another try."""
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 503)
    facts = {"message": str(error), "field": error.field, "value": error.value}
    shown = {name: fact for name, fact in facts.items() if fact is not None}
    answer = problem(status, error.code, error.cure, **shown)
    if status in RETRIED:
        answer.headers.update(RETRY_AFTER)
    return answer


def unreadable(error: Malformed) -> Response:
    """Answer that nothing could be read."""
    return JSONResponse(problem_document(error), 400)


def problem_document(error: LedgerError) -> dict[str, str | None]:
    """Write a problem as JSON."""
    return {"code": error.code, "field": error.field, "value": error.value, "cure": error.cure}


async def _refused(_: Request, error: Exception) -> Response:
    """Answer a problem that nobody caught."""
    assert isinstance(error, LedgerError)
    return refused(error)


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
