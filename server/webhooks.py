"""Keep the webhooks: whom to tell of which events, how far they are, what they did not take.

Only an administrator adds one, with the command; the address is used as it is given.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Json

from domain.errors import Conflict, Malformed, NotFound
from intake.identifiers import new_identifier
from ledger.reading import head_size
from server.loopback import is_loopback

PREFIX = "whsec_"
"""How the standard lets secrets begin."""

_LONGEST_NAME = 100
_COLUMNS = "id::text, name, url, secret, follows, wanted, position, attempts, retry_at"


class UnknownWebhook(NotFound):
    """There is no webhook {value}."""

    code = "unknown_webhook"
    cure = "List the webhooks with `lifecycle webhook list`."


class WebhookExists(Conflict):
    """There is a webhook {value} already."""

    code = "webhook_exists"
    cure = "Give it another name, or remove the other one first."


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of events or changes, and what became of the next one so far."""

    id: str
    name: str
    url: str
    secret: str
    follows: str
    wanted: dict[str, Any]
    position: int
    attempts: int
    retry_at: datetime | None


def checked_url(url: str) -> str:
    """Give an address that may be posted to: https, or http on this machine. Raises Malformed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    safe = host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    if not safe or parts.username or parts.password or parts.fragment or port == 0:
        raise Malformed(
            code="invalid_url",
            field="url",
            value=url,
            cure="Give an https address without user or fragment; http only on this machine.",
        )
    return url


def checked_name(name: str) -> str:
    """Give a name that can be shown in a table. Raises Malformed."""
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        cure = f"Give 1 to {_LONGEST_NAME} printable characters."
        raise Malformed(code="invalid_name", field="name", value=name[:_LONGEST_NAME], cure=cure)
    return name


async def add(
    connection: AsyncConnection[Any],
    name: str,
    url: str,
    wanted: dict[str, Any],
    *,
    after: int | None,
    at: datetime,
    follows: Literal["events", "changes"] = "events",
) -> Webhook:
    """Add a webhook that begins after a position, or a number of a change, or with what comes next.

    Raises Malformed and WebhookExists.
    """
    last = await _last(connection, follows)
    if after is not None and after > last:
        raise Malformed(
            code="invalid_value",
            field="after",
            value=after,
            cure=f"Give a number up to {last}, which is the last one there is.",
        )
    position = last if after is None else after
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    async with connection.cursor(row_factory=class_row(Webhook)) as cursor:
        await cursor.execute(
            "INSERT INTO outbound.webhooks (id, name, url, secret, wanted, position, created_at,"
            " follows) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            f" ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}",
            (
                *(new_identifier(), checked_name(name), checked_url(url), secret),
                *(Json(wanted), position, at, follows),
            ),
        )
        added = await cursor.fetchone()
    if added is None:
        raise WebhookExists(value=name)
    return added


async def _last(connection: AsyncConnection[Any], follows: str) -> int:
    """Give the last position, or the number of the last change."""
    if follows == "events":
        return await head_size(connection)
    cursor = await connection.execute("SELECT coalesce(max(number), 0) FROM outbound.changes")
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def present(connection: AsyncConnection[Any]) -> list[Webhook]:
    """Give all webhooks with their secrets, for delivering."""
    async with connection.cursor(row_factory=class_row(Webhook)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM outbound.webhooks ORDER BY id".encode())
        return await cursor.fetchall()


async def listed(connection: AsyncConnection[Any]) -> list[dict[str, Any]]:
    """List all webhooks, without their secrets."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT w.id::text, w.name, w.url, w.follows, w.wanted, w.position, w.attempts,"
            " w.problem, w.retry_at, (SELECT count(*) FROM outbound.dead_letters AS d"
            " WHERE d.webhook = w.id) AS dead_letters FROM outbound.webhooks AS w"
            " ORDER BY w.created_at, w.id"
        )
        return await cursor.fetchall()


async def remove(connection: AsyncConnection[Any], name: str) -> None:
    """Remove a webhook, named by its name or id, and its dead letters. Raises UnknownWebhook."""
    cursor = await connection.execute(
        "DELETE FROM outbound.webhooks WHERE name = %s OR id::text = %s", (name, name)
    )
    if cursor.rowcount == 0:
        raise UnknownWebhook(value=name)


async def dead_letters(connection: AsyncConnection[Any], name: str) -> list[dict[str, Any]]:
    """List what a receiver did not take. Raises UnknownWebhook."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT d.position, d.attempts, d.problem, d.failed_at, d.is_wanted"
            " FROM outbound.dead_letters AS d WHERE d.webhook = %s ORDER BY d.position",
            [await _id(connection, name)],
        )
        return await cursor.fetchall()


async def want_again(
    connection: AsyncConnection[Any], name: str, position: int | None = None
) -> int:
    """Have dead letters tried once more, all or the one of a position. Raises UnknownWebhook."""
    cursor = await connection.execute(
        "UPDATE outbound.dead_letters SET is_wanted = true WHERE webhook = %s"
        " AND (%s::bigint IS NULL OR position = %s)",
        (await _id(connection, name), position, position),
    )
    return cursor.rowcount


async def _id(connection: AsyncConnection[Any], name: str) -> str:
    cursor = await connection.execute(
        "SELECT id::text FROM outbound.webhooks WHERE name = %s OR id::text = %s", (name, name)
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownWebhook(value=name)
    return str(row[0])


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Sign a message. Source: Standard Webhooks 1.0, symmetric signatures (v1)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    seconds = int(at.timestamp())
    content = b"%b.%d.%b" % (message_id.encode(), seconds, body)
    signature = base64.b64encode(hmac.digest(key, content, sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
