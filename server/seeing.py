"""Tell what the caller of a request sees, for answers that no question is compiled for."""

from typing import Any, LiteralString

from psycopg import AsyncConnection
from starlette.requests import Request

from domain.flexdate import beijing_day
from ledger.clock import utc_now
from projections.judging.sight import shown
from server.bearer import admitted_grant
from server.callers import caller_of
from server.house import House


async def seen(
    request: Request,
    connection: AsyncConnection[Any],
    column: LiteralString,
    values: list[str],
) -> set[str]:
    """Give what is within the caller's reach, and note it if somebody asks for more."""
    grant = admitted_grant(request)
    reach = None if grant is None else caller_of(grant).reach
    told = await shown(connection, reach, column, values, on=beijing_day(utc_now()))
    if grant is not None and len(told) < len(set(values)):
        house: House = request.app.state.house
        house.denials.note("read", "beyond_reach", grant, request.url.path)
    return told
