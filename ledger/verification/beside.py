"""Check against the events what lies outside the tree: tokens, and the receipts of batches."""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from psycopg import Connection
from psycopg.rows import dict_row

from domain.envelope import Recorded
from domain.receipt import Status
from ledger.reading import ledger_events
from ledger.verification.finding import Findings

_SOON = timedelta(minutes=1)
"""A token that is given out is recorded by then, or with the next one."""
_PAGE = 200
_GIVEN = ("label", "actor", "org", "role", "rights", "systems", "kinds", "regions")
_TOKENS = """
SELECT t.id::text, t.label, t.actor, t.org, t.role, t.rights, t.systems, t.kinds, t.regions,
    t.created_at, t.expires_at, encode(sha256(t.hash), 'hex') AS secret_digest,
    r.token IS NOT NULL AS revoked
FROM ledger.tokens AS t LEFT JOIN ledger.token_revocations AS r ON r.token = t.id
"""
_PARTS = (
    "SELECT batch, request::text, first, counts, receipts FROM ledger.batch_parts"
    " ORDER BY batch, request, first"
)
_ROWS = """
SELECT r.batch, r.request::text, r.place, r.status, r.event::text, r.position, r.code
FROM unnest(%s::text[], %s::uuid[], %s::bigint[], %s::bigint[]) AS p (batch, request, first, after)
JOIN ledger.batch_rows AS r ON (r.batch, r.request) = (p.batch, p.request)
    AND r.place >= p.first AND r.place < p.after
"""
_ELSEWHERE = """
SELECT p.id, p.position FROM unnest(%s::uuid[], %s::bigint[]) AS p (id, position)
LEFT JOIN ledger.events AS e ON e.position = p.position WHERE e.id IS DISTINCT FROM p.id
"""
_NOT_KEPT = """
SELECT r.batch, r.place, r.status FROM ledger.batch_rows AS r
WHERE (r.status = 'superseded' AND r.source_key IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger.superseded AS s WHERE s.source_key = r.source_key))
    OR (r.status = 'quarantined' AND r.source_key IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger.quarantine AS q WHERE q.source_key = r.source_key))
ORDER BY r.batch, r.place
"""


class _Part(NamedTuple):
    """Some receipts of a request."""

    batch: str
    request: str
    first: int
    counts: list[int]
    receipts: bytes


class _Unlike(NamedTuple):
    """What the rows beside the receipts say of one that was not simply accepted."""

    status: str
    event: str | None
    position: int | None
    code: str | None


def check_tokens(connection: Connection[Any], findings: Findings) -> int:
    """Compare tokens with the events that say who was given which rights; give how many."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = {row["id"]: row for row in cursor.execute(_TOKENS).fetchall()}
    events = ledger_events(connection, ["TokenChanged"])
    created = {event.payload["token_id"] for event in events if event.payload["act"] == "created"}
    for event in events:
        _token(event, rows.get(event.payload["token_id"]), findings)
    looked_at = max((event.recorded_at for event in events), default=None)
    for identifier, row in rows.items():
        is_late = looked_at is not None and row["created_at"] < looked_at - _SOON
        if is_late and identifier not in created:
            findings.add("tokens", f"the token {identifier} was given out by no event")
    return len(rows)


def _token(event: Recorded, row: dict[str, Any] | None, findings: Findings) -> None:
    """Compare a token with one event about it."""
    said = event.payload
    named = f"the token {said['token_id']} ({said['label']})"
    if row is None:
        findings.add("tokens", f"{named} is not there any more", event.position)
        return
    if said["act"] == "revoked":
        if not row["revoked"]:
            findings.add("tokens", f"{named} was revoked, and is valid again", event.position)
        return
    until = said.get("expires_at")
    expected = {name: said.get(name) for name in _GIVEN}
    found = {name: row[name] for name in _GIVEN}
    expected["expires_at"] = None if until is None else datetime.fromisoformat(until)
    found["expires_at"] = row["expires_at"]
    if said.get("secret_digest", row["secret_digest"]) != row["secret_digest"]:
        findings.add("tokens", f"{named} has another secret than it was given", event.position)
    for name, wanted in expected.items():
        if found[name] != wanted:
            message = f"{named} has {found[name]} as {name}, and was given {wanted}"
            findings.add("tokens", message, event.position)


def check_receipts(connection: Connection[Any], findings: Findings) -> int:
    """Compare kept receipts with the events that they name, and with what lies beside them.

    Gives how many receipts were read. That all of them are there is told by closed books.
    """
    count = 0
    for parts in _pages(connection):
        listed = [_receipts(part, findings) for part in parts]
        count += sum(map(len, listed))
        _check_events(connection, listed, findings)
        _check_rows(connection, parts, listed, findings)
    for batch, place, status in connection.execute(_NOT_KEPT).fetchall():
        message = f"batch {batch}, place {place}: it was {status}, and is not kept"
        findings.add("receipts", message)
    return count


def _pages(connection: Connection[Any]) -> Iterator[list[_Part]]:
    """Read some parts at a time."""
    with connection.transaction(), connection.cursor(name="parts", withhold=False) as cursor:
        cursor.execute(_PARTS)
        while rows := cursor.fetchmany(_PAGE):
            yield [_Part(*row) for row in rows]


def _receipts(part: _Part, findings: Findings) -> list[dict[str, Any]]:
    """Read the receipts of a part and count them."""
    try:
        listed: list[dict[str, Any]] = orjson.loads(zlib.decompress(part.receipts))
        statuses = Counter(each["status"] for each in listed)
        places = [each["index"] for each in listed]
    except (zlib.error, ValueError, TypeError, KeyError):
        findings.add("receipts", f"batch {part.batch}: receipts that cannot be read")
        return []
    is_counted = part.counts == [statuses[status.value] for status in Status]
    if not is_counted or places != [*range(part.first, part.first + len(listed))]:
        findings.add("receipts", f"batch {part.batch}: its receipts are not those counted")
    return listed


def _check_events(
    connection: Connection[Any], listed: Sequence[list[dict[str, Any]]], findings: Findings
) -> None:
    """Find receipts for events that stand elsewhere, or nowhere."""
    pairs = [
        (each["event_id"], each["position"])
        for receipts in listed
        for each in receipts
        if "event_id" in each and "position" in each
    ]
    columns = [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    for identifier, position in connection.execute(_ELSEWHERE, columns).fetchall():
        message = f"a receipt was given for {identifier}, which does not stand there"
        findings.add("receipts", message, position)


def _check_rows(
    connection: Connection[Any],
    parts: Sequence[_Part],
    listed: Sequence[list[dict[str, Any]]],
    findings: Findings,
) -> None:
    """Compare the receipts that are no acceptances with the rows that repeat them."""
    told = {
        (part.batch, part.request, each["index"]): _Unlike(
            each["status"], each.get("event_id"), each.get("position"), each.get("code")
        )
        for part, receipts in zip(parts, listed, strict=True)
        for each in receipts
        if each["status"] != Status.ACCEPTED
    }
    bounds = [
        (part.batch, part.request, part.first, part.first + len(receipts))
        for part, receipts in zip(parts, listed, strict=True)
    ]
    columns = [list(column) for column in zip(*bounds, strict=True)]
    rows = {
        (batch, request, place): _Unlike(*rest)
        for batch, request, place, *rest in connection.execute(_ROWS, columns).fetchall()
    }
    for batch, _, place in sorted(
        key for key in told.keys() | rows.keys() if told.get(key) != rows.get(key)
    ):
        message = f"batch {batch}, place {place}: what became of it is told in two ways"
        findings.add("receipts", message)
