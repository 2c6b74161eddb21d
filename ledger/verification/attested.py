"""Check the signatures that sources put under their own facts, and find facts that lack one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from domain.attestation import Sealed, StoredBody, statement_of
from domain.envelope import Attestation, Recorded, read_event
from domain.errors import LedgerError
from ledger.attesters import KIND, Attesters
from ledger.key_place import keys_of
from ledger.person_names import names_behind
from ledger.verification.finding import UNREADABLE, Findings, in_words

CHECK = "attestations"
_BATCH = 500


class Signed(NamedTuple):
    """An event that bears a signature or should, with its bytes."""

    event: Recorded
    data: bytes


class _Stored(msgspec.Struct, gc=False):
    body: StoredBody


_decoded = msgspec.json.Decoder(_Stored).decode


def attesters_in(connection: Connection[Any]) -> Attesters:
    """Read who signs."""
    return _attesters(connection, Findings())


def _attesters(connection: Connection[Any], findings: Findings) -> Attesters:
    """Read who signs, and doubt events about it that cannot be read."""
    attesters = Attesters()
    rows = connection.execute(
        "SELECT position FROM ledger.events"
        " WHERE stream >= 'ledger/' AND stream < 'ledger0' AND kind = %s",
        [KIND],
    )
    for signed in _rows(connection, [position for (position,) in rows.fetchall()]):
        try:
            attesters.learn([signed.event])
        except UNREADABLE as error:
            message = f"whose key it is about cannot be read: {in_words(error)}"
            findings.add(CHECK, message, signed.event.position)
    return attesters


def check_attestations(
    connection: Connection[Any], positions: Iterable[int], findings: Findings
) -> int:
    """Check events that bear the marks of signed ones; give how many signatures were read."""
    attesters, count = _attesters(connection, findings), 0
    keys = keys_of(connection)
    for page in _pages(positions):
        rows = _rows(connection, page)
        names = names_behind(connection, keys, [each.event.id for each in rows])
        for each in rows:
            doubt = doubt_about(attesters, each, names)
            if doubt is not None:
                findings.add(CHECK, doubt, each.event.position)
            attestation = each.event.attestation
            if attestation is not None:
                count += 1
                _check_named(connection, each.event, attestation, findings)
    return count


def doubt_about(attesters: Attesters, signed: Signed, names: Mapping[str, str]) -> str | None:
    """Say why an event is not what its source signed, or None; `names` by their commitments."""
    event, attestation = signed.event, signed.event.attestation
    if attestation is None:
        unsigned = attesters.is_unsigned(event)
        return f"{event.actor.id} signs its facts, and has not signed this" if unsigned else None
    doubt = attesters.doubt(event.actor.id, attestation, event)
    if doubt is not None:
        return doubt
    try:
        said = statement_of(event.kind, _decoded(signed.data).body, names.get)
    except Sealed:
        # Who erased a name took away what was signed, not who signed it.
        return None
    except (msgspec.DecodeError, LedgerError) as error:
        return f"the signed statement cannot be read: {error}"
    if sha256(said).hexdigest() != attestation.sha256:
        return f"it does not say what {event.actor.id} signed"
    return None


def _check_named(
    connection: Connection[Any], event: Recorded, attestation: Attestation, findings: Findings
) -> None:
    """Check that the event lies where its source wanted it, and amends what it named."""
    subject, target = attestation.subject, attestation.corrects
    if subject is not None and event.stream not in {subject, f"project/{subject}"}:
        row = connection.execute(
            "SELECT FROM ledger.aliases WHERE alias = %s AND stream = %s LIMIT 1",
            [subject, event.stream],
        ).fetchone()
        if row is None:
            message = f"it was signed about {subject}, which is not {event.stream}"
            findings.add(CHECK, message, event.position)
    if target is not None and target != event.corrects:
        row = connection.execute(
            "SELECT FROM ledger.events WHERE id = %s::uuid AND 'source:' || source_key = %s",
            [event.corrects, target],
        ).fetchone()
        if row is None:
            message = f"it was signed to amend {target}, which is not {event.corrects}"
            findings.add(CHECK, message, event.position)


def _pages(positions: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(positions)
    while page := list(islice(remaining, _BATCH)):
        yield page


def _rows(connection: Connection[Any], positions: Sequence[int]) -> list[Signed]:
    """Read events by their positions; those that cannot be read are reported elsewhere."""
    rows = connection.execute(
        "SELECT position, bytes FROM ledger.events WHERE position = ANY (%s) ORDER BY position",
        [positions],
    )
    found = []
    for position, data in rows:
        try:
            found.append(Signed(read_event(position, bytes(data), None), bytes(data)))
        except UNREADABLE:
            continue
    return found
