"""Check what lies beside the events: aliases, mentions, names of persons and their erasure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from psycopg import Connection

from domain.envelope import Recorded
from domain.errors import Malformed
from domain.kinds.amendments import CORRECTION
from domain.policy import Policy, parse
from domain.policy_rules import FourEyesRules
from ledger.checkpoints import opens_replayed
from ledger.key_place import keys_of
from ledger.reading import (
    amendments_targeting,
    decrees,
    events_after,
    events_by_id,
    ledger_events,
)
from ledger.stream_heads import heads_root, stream_heads
from ledger.verification.finding import Findings
from ledger.verification.part import name_fault
from ledger.verification.whole import Whole

_SNAPSHOTS = 5
"""Each takes as long as there are streams, so the newest ones are read."""


def check_aliases(connection: Connection[Any], whole: Whole) -> None:
    """Compare the names of streams with those that the events give."""
    rows = connection.execute(
        "SELECT alias, stream, event::text, position FROM ledger.aliases WHERE position <= %s",
        [whole.size],
    ).fetchall()
    stored, meant = Counter(rows), Counter(whole.aliases)
    registering = {row[-1] for row in meant if row[0].startswith("source:")}
    extra = _not_granted(connection, stored - meant, registering)
    _compare("aliases", (stored & meant) + extra, meant, whole.findings)


def _not_granted(
    connection: Connection[Any], extra: Counter[tuple[Any, ...]], registering: AbstractSet[int]
) -> Counter[tuple[Any, ...]]:
    """Leave out the aliases that an event may well have given though its kind alone does not.

    A registration may name its project by a code, which its payload does not repeat; a corrected
    code makes the project known by it.
    """
    events = {
        event.position: event
        for event in events_by_id(connection, sorted({row[2] for row in extra}))
    }

    def is_granted(alias: str, stream: str, identifier: str, position: int) -> bool:
        event = events.get(position)
        if event is None or (event.id, event.stream) != (identifier, stream):
            return False
        corrected = event.payload.get("payload", {}) if event.kind == CORRECTION else {}
        return position in registering or alias == f"code:{corrected.get('code')}"

    return Counter({row: count for row, count in extra.items() if not is_granted(*row)})


def check_mentions(connection: Connection[Any], whole: Whole) -> None:
    """Compare the other streams of events with those that the events name."""
    rows = connection.execute(
        "SELECT stream, position FROM ledger.mentions WHERE position <= %s", [whole.size]
    ).fetchall()
    _compare("mentions", rows, whole.mentions, whole.findings)


def _compare(
    check: str,
    found: Iterable[tuple[Any, ...]],
    wanted: Iterable[tuple[Any, ...]],
    findings: Findings,
) -> None:
    stored, meant = Counter(found), Counter(wanted)
    for row in meant - stored:
        findings.add(check, f"{row[0]} is missing", row[-1])
    for row in stored - meant:
        findings.add(check, f"{row[0]} stands in no event", row[-1])


def check_erasures(connection: Connection[Any], whole: Whole) -> None:
    """Find names that are gone though nobody approved it, or there though somebody did."""
    approved = {
        place
        for event in ledger_events(connection, ["ErasureApproved"])
        for place in event.payload["names"]
    }
    for identifier, path, position in whole.erased:
        if f"{identifier}/{'.'.join(path)}" not in approved:
            message = f"the name at {'.'.join(path)} is gone, and no erasure was approved"
            whole.findings.add("erasures", message, position)


def check_loose_names(connection: Connection[Any], findings: Findings) -> None:
    """Open the names that belong to tokens and to deliveries kept outside the ledger."""
    rows = connection.execute(
        "SELECT n.event::text, n.commitment, n.salt, n.value FROM ledger.person_names AS n"
        " WHERE NOT EXISTS (SELECT FROM ledger.events AS e WHERE e.id = n.event)"
    ).fetchall()
    keys = keys_of(connection)
    keys.refresh()
    for owner, commitment, salt, value in rows:
        is_right = keys.opens(commitment, value, salt)
        if value is not None and not is_right and not keys.is_spent(value):
            findings.add("names", f"a name kept for {owner} is {name_fault(keys, value)}")


def check_stream_heads(connection: Connection[Any], findings: Findings) -> int:
    """Compare the newest snapshots of all streams with the events, and give how many."""
    snapshots = ledger_events(connection, ["StreamHeads"])[-_SNAPSHOTS:]
    for event in snapshots:
        heads = stream_heads(connection, event.payload["size"])
        found = (len(heads), heads_root(heads).hex())
        if found != (event.payload["streams"], event.payload["heads_root"]):
            message = "the heads of the streams were others than it says"
            findings.add("stream_heads", message, event.position)
    return len(snapshots)


def check_four_eyes(connection: Connection[Any], findings: Findings) -> None:
    """Find facts that needed a second person when they were recorded, and have none.

    A replayed history is told by one program; there the rule holds nobody up. Policies that were
    amended since are left to readers, and so is what came after a next version that was.
    """
    opening = events_after(connection, 0, 1)
    if opening and opens_replayed(opening[0]):
        return
    adopted = [
        (event, policy)
        for event in decrees(connection, "PolicyAdopted")
        if (policy := _four_eyes(event)) is not None
    ]
    amended = {
        each.corrects
        for each in amendments_targeting(connection, [event.id for event, _ in adopted])
    }
    for decree, policy in adopted:
        if decree.id in amended:
            continue
        next_versions = {
            event.position: other.effective_from
            for event, other in adopted
            if policy.gives_way(other, other.effective_from)
        }
        for position, kind in _lonely(connection, decree, policy, next_versions):
            findings.add("four_eyes", f"a {kind} that no second person approved", position)


def _four_eyes(decree: Recorded) -> Policy | None:
    """Read a policy about second persons."""
    try:
        policy = parse(decree.payload["body"])
    except Malformed:
        return None
    return policy if policy.kind == FourEyesRules.kind else None


def _lonely(
    connection: Connection[Any],
    decree: Recorded,
    policy: Policy,
    next_versions: Mapping[int, date],
) -> list[tuple[int, str]]:
    """Find events without an approval, a while after everybody could know of the policy.

    Of its next versions the position and first day are given, from which on they alone demand.
    """
    return connection.execute(
        "SELECT e.position, e.kind FROM ledger.events AS e"
        " CROSS JOIN LATERAL (SELECT (e.recorded_at AT TIME ZONE 'Asia/Shanghai')::date) AS d (day)"
        " WHERE e.kind = ANY (%s) AND e.position > %s"
        " AND e.recorded_at > %s::timestamptz + interval '1 minute'"
        " AND d.day BETWEEN %s AND %s AND NOT EXISTS ("
        "  SELECT FROM unnest(%s::bigint[], %s::date[]) AS n (position, first_day)"
        "  WHERE n.position < e.position AND n.first_day <= d.day)"
        " AND position(convert_to('\"approvals\":[', 'UTF8') IN e.bytes) = 0 LIMIT 20",
        [
            list(policy.rules["kinds"]),
            decree.position,
            decree.recorded_at,
            policy.effective_from,
            policy.effective_to or date.max,
            list(next_versions),
            list(next_versions.values()),
        ],
    ).fetchall()
