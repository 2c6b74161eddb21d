"""`lifecycle approve` and `lifecycle erase`: what two persons have to decide."""

from typing import Annotated, Any

import psycopg
import typer

from domain.errors import Refused
from domain.receipt import Receipt, Status
from intake.four_eyes import Pending, read_pending
from intake.grant import Grant
from intake.tokens import grant_of
from ledger.clock import utc_now
from server.database import database
from server.erasure import NoSuchName, ask_erasure, erase_approved, places_of
from server.house import House, opened
from server.operator import OPERATOR
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, out, print_json

Token = Annotated[
    str | None,
    typer.Option(
        envvar="LIFECYCLE_TOKEN",
        help="The token of the person who acts; without one it is the user of this machine.",
    ),
]


class InvalidToken(Refused):
    """The token is not valid."""

    code = "invalid_token"
    field = "token"
    cure = "Give a token that was neither revoked nor has expired."


def approve(
    *,
    number: Annotated[int, typer.Argument(help="Its number in `lifecycle quarantine`.")],
    digest: Annotated[
        str | None, typer.Option(help="The SHA-256 that must be approved, and no other.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show what waits.")] = False,
    token: Token = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Approve, as a second person, the very bytes that somebody else has sent."""
    settings = from_environment(data=data)
    with database(settings) as conninfo:
        pending, receipt = run(_approve(settings, conninfo, (number, digest, show), token))
        if receipt is not None:
            erase_approved(conninfo)
    if receipt is None:
        _show(pending, as_json=as_json)
        return
    if as_json:
        print_json(receipt.as_json(0))
    else:
        out.print(f"{pending.kind} is {receipt.status.value} as event {receipt.event_id}")
    if receipt.status not in {Status.ACCEPTED, Status.CORRECTED}:
        raise typer.Exit(REFUSED)


async def _approve(
    settings: Settings,
    conninfo: str,
    asked: tuple[int, str | None, bool],
    token: str | None,
) -> tuple[Pending, Receipt | None]:
    number, digest, show = asked
    async with opened(settings, conninfo) as house:
        async with house.pool.connection() as connection:
            pending = await read_pending(connection, number)
        if show:
            return pending, None
        return pending, await house.intake.approve(number, await _grant(house, token), digest)


def erase(
    *,
    names: Annotated[
        list[str] | None, typer.Argument(help="Where: <event id>/<path>, as 0190…/actor.name.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Everywhere this name is sealed.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
    token: Token = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask for names of persons to be erased; they are once a second person approves."""
    settings = from_environment(data=data)
    with database(settings) as conninfo:
        places = list(names or ())
        if person is not None:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                places += places_of(connection, person)
        if not places:
            raise NoSuchName(value=person or "nothing")
        receipts = run(_ask(settings, conninfo, places, reason, token))
    told = [receipt.as_json(index) for index, receipt in enumerate(receipts)]
    if as_json:
        print_json(told)
        return
    for receipt in receipts:
        out.print(f"{len(places)} names: {receipt.status.value}. {receipt.cure or ''}")


async def _ask(
    settings: Settings, conninfo: str, places: list[str], reason: str, token: str | None
) -> list[Receipt]:
    async with opened(settings, conninfo) as house:
        return await ask_erasure(house, places, reason, await _grant(house, token))


async def _grant(house: House, token: str | None) -> Grant:
    """Find out who acts. Raises InvalidToken."""
    if token is None:
        return OPERATOR
    async with house.pool.connection() as connection:
        grant = await grant_of(connection, token, utc_now())
    if grant is None:
        raise InvalidToken
    return grant


def _show(pending: Pending, *, as_json: bool) -> None:
    """Show what waits, with the digest that would be approved."""
    told: dict[str, Any] = {
        "number": pending.number,
        "kind": pending.kind,
        "stream": pending.stream,
        "sent_by": pending.actor,
        "decision": pending.decision,
        "sha256": pending.digest,
        "body": pending.body.decode(),
    }
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        out.print(f"{name}: {value}", markup=False)
