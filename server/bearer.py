"""Find out who is calling from the bearer token of a request."""

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from intake.grant import Grant
from intake.tokens import grant_of
from ledger.clock import utc_now
from server.house import House


async def granted(request: HTTPConnection) -> Grant | None:
    """Give what the caller may do; None without a token, or with one that is not valid."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    house: House = request.app.state.house
    async with house.pool.connection() as connection:
        return await grant_of(connection, secret.strip(), utc_now())


def unauthorized() -> Response:
    """Answer that a valid token is needed."""
    return JSONResponse(
        {
            "code": "unauthorized",
            "cure": "Send a valid token: Authorization: Bearer <token>.",
        },
        401,
        headers={"WWW-Authenticate": "Bearer"},
    )
