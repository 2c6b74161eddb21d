"""Say who asks GraphQL: under which name, how far they see, how much they may ask for."""

from api.request import Caller
from starlette.requests import HTTPConnection

from intake.grant import Grant, Right
from projections.judging.reach import Reach
from server.bearer import admitted_grant, granted, secret_of
from server.house import House
from server.loopback import is_loopback

_ANYBODY = Caller()


async def recognise(connection: HTTPConnection) -> Caller:
    """Give the caller behind a request that was let in; anybody without a token."""
    grant = admitted_grant(connection)
    return _ANYBODY if grant is None else caller_of(grant)


async def admitted(connection: HTTPConnection, secret: str | None) -> Caller | None:
    """Tell who may read now over a connection that stays open; None for nobody.

    It is asked again while the connection stays. On this machine everybody may read without a
    token; one that is sent must hold all the same.
    """
    secret = secret or secret_of(connection)
    house: House = connection.app.state.house
    if secret is None and is_loopback(house.settings.host):
        return _ANYBODY
    grant = await granted(connection, secret)
    if grant is None or Right.READ not in grant.rights:
        house.denials.note("socket", "unauthorized", grant)
        return None
    return caller_of(grant)


def caller_of(grant: Grant) -> Caller:
    """Describe a caller; one who may only write sees nothing but what became of that."""
    reach = grant.reach if Right.READ in grant.rights else Reach((), grant.actor.id)
    name = grant.label or grant.actor.id
    return Caller(name, reach, is_limited=True, key=grant.id or name, points=grant.points)
