"""Give out, recognise and revoke bearer tokens; only their hashes are stored."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from domain.envelope import Actor
from domain.errors import NotFound
from domain.kinds.administration import TokenChanged
from domain.person_name import SealedName, seal
from intake.grant import Grant, Right
from intake.identifiers import new_identifier, new_salt
from intake.names import keep_names
from ledger.key_place import keys_of

PREFIX = "lcl_"


class UnknownToken(NotFound):
    """There is no token {value}."""

    code = "unknown_token"
    cure = "List the tokens with `lifecycle token list`."


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; its secret is shown this once."""

    id: str
    secret: str


async def issue(
    connection: AsyncConnection[Any],
    grant: Grant,
    *,
    label: str,
    at: datetime,
    expires_at: datetime | None = None,
    secret: str | None = None,
) -> Issued:
    """Make a token that holds a grant; `secret` makes an already known one valid here.

    Raises Malformed for what no event could tell of.
    """
    _check(label, grant)
    issued = Issued(new_identifier(), secret or PREFIX + secrets.token_urlsafe(32))
    actor = grant.actor
    async with connection.transaction():
        cursor = await connection.execute(
            "INSERT INTO ledger.tokens (id, hash, label, actor, org, role, rights, systems, kinds,"
            " regions, points, created_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (hash) DO NOTHING",
            (
                issued.id,
                _hash(issued.secret),
                label,
                actor.id,
                actor.org,
                actor.role,
                sorted(grant.rights),
                None if grant.systems is None else sorted(grant.systems),
                None if grant.kinds is None else sorted(grant.kinds),
                None if grant.regions is None else sorted(grant.regions),
                grant.points,
                at,
                expires_at,
            ),
        )
        if actor.name and cursor.rowcount:
            salt = new_salt()
            name = SealedName(("actor", "name"), seal(actor.name, salt), salt, actor.name)
            await keep_names(connection, issued.id, [name])
    return issued


async def grant_of(connection: AsyncConnection[Any], secret: str, now: datetime) -> Grant | None:
    """Give what a token allows; None if it is unknown, expired or revoked."""
    cursor = await connection.execute(
        "SELECT t.actor, t.org, t.role, n.value, t.rights, t.systems, t.kinds, t.regions,"
        " t.id::text, t.label, t.points"
        " FROM ledger.tokens AS t LEFT JOIN ledger.person_names AS n ON n.event = t.id"
        " WHERE t.hash = %s AND (t.expires_at IS NULL OR t.expires_at > %s)"
        " AND NOT EXISTS (SELECT FROM ledger.token_revocations AS r WHERE r.token = t.id)",
        (_hash(secret), now),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    actor, org, role, name, rights, systems, kinds, regions, identifier, label, points = row
    return Grant(
        Actor(id=actor, org=org, role=role, name=keys_of(connection).unlock(name)),
        frozenset(map(Right, rights)),
        None if systems is None else frozenset(systems),
        None if kinds is None else frozenset(kinds),
        regions=None if regions is None else frozenset(regions),
        id=identifier,
        label=label,
        points=points,
    )


async def listed(connection: AsyncConnection[Any]) -> list[dict[str, Any]]:
    """List all tokens ever given out, without their secrets."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT t.id, t.label, t.actor, t.org, t.role, t.rights, t.systems, t.kinds, t.regions,"
            " t.points, t.created_at, t.expires_at, r.revoked_at FROM ledger.tokens AS t"
            " LEFT JOIN ledger.token_revocations AS r ON r.token = t.id ORDER BY t.created_at"
        )
        return await cursor.fetchall()


async def revoke(connection: AsyncConnection[Any], name: str, at: datetime) -> None:
    """Make a token, named by its id or label, good for nothing. Raises UnknownToken."""
    cursor = await connection.execute(
        "INSERT INTO ledger.token_revocations (token, revoked_at) SELECT t.id, %s"
        " FROM ledger.tokens AS t WHERE t.id::text = %s OR t.label = %s ON CONFLICT DO NOTHING",
        (at, name, name),
    )
    if cursor.rowcount == 0:
        known = await connection.execute(
            "SELECT FROM ledger.tokens WHERE id::text = %s OR label = %s", (name, name)
        )
        if await known.fetchone() is None:
            raise UnknownToken(value=name)


def _check(label: str, grant: Grant) -> None:
    """Refuse what the event about the token could not say, since nobody is exempt from it."""
    actor = grant.actor
    said: dict[str, Any] = {"label": label, "actor": actor.id, "org": actor.org, "role": actor.role}
    for name in ("rights", "systems", "kinds", "regions"):
        values = getattr(grant, name)
        said[name] = None if values is None else sorted(map(str, values))
    TokenChanged.validated({"token_id": str(UUID(int=0)), "act": "created", **said}, "token")


def _hash(secret: str) -> bytes:
    """Hash a secret; it is random and long, so no slow hash is needed."""
    return sha256(secret.encode()).digest()
