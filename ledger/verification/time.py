"""Check the outside times: each token over its checkpoint, and the facts between the tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.x509 import Certificate
from psycopg import Connection

from domain.envelope import Recorded
from domain.errors import LedgerError
from ledger.reading import Question, Reading, Row, ledger_events
from ledger.time_token import TimeToken
from ledger.verification.finding import Findings

_TOLERANCE = timedelta(minutes=5)
"""How far this machine's clock may be from the authority's."""


def check_time_tokens(
    connection: Connection[Any], roots: Sequence[Certificate], findings: Findings
) -> int:
    """Check all tokens, and give how many there are; with roots also who stamped them."""
    events = ledger_events(connection, ["TimeTokenReceived"])
    for event in events:
        try:
            problem = _problem(connection, event, roots)
        except LedgerError as error:
            problem = str(error)
        if problem is not None:
            findings.add("time_tokens", problem, event.position)
    return len(events)


def _problem(
    connection: Connection[Any], event: Recorded, roots: Sequence[Certificate]
) -> str | None:
    """Say what is wrong with a token, or with the facts that it brackets."""
    told = event.payload
    note, last_recorded_at = stamped(connection, told["size"], bytes.fromhex(told["root"]))
    if note is None or sha256(note.encode()).hexdigest() != told["checkpoint_sha256"]:
        return "the checkpoint that it stamps is not kept"
    digest = bytes.fromhex(told["checkpoint_sha256"])
    token = TimeToken.decode(told["token"])
    at = token.check(digest, roots) if roots else token.stamped_at(digest)
    if datetime.fromisoformat(told["stamped_at"]) != at.replace(
        microsecond=at.microsecond // 1000 * 1000
    ):
        return f"it was stamped at {at.isoformat()}, not at {told['stamped_at']}"
    if last_recorded_at is not None and last_recorded_at - at > _TOLERANCE:
        return "facts under it say that they were recorded after it"
    if at - event.recorded_at > _TOLERANCE:
        return "it was recorded before it was stamped"
    return None


@Reading
def stamped(size: int, root: bytes) -> Question[tuple[str | None, datetime | None]]:
    """Read a kept checkpoint, and when the last event under it was recorded."""
    sql = (
        "SELECT c.note, e.recorded_at FROM ledger.checkpoints AS c"
        " LEFT JOIN ledger.events AS e ON e.position = c.size"
        " WHERE c.size = %s AND c.root = %s ORDER BY c.number LIMIT 1"
    )

    def first(rows: list[Row]) -> tuple[str | None, datetime | None]:
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    return Question(sql, [size, root], first)
