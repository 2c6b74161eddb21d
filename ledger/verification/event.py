"""Check one stored event: its bytes against its hash, and its columns against its bytes.

This runs for every event there is, so each row is taken apart by hand, and
what most events have in common is asked first.
"""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

import msgspec

from domain.canonical import exact_bytes
from domain.draft import ALIASING, MENTIONING, aliases_of, content_digest, mentions_of, source_key
from domain.envelope import FORMAT, Actor, Approval
from domain.four_eyes import ALWAYS, digest_of, without_approvals
from domain.kinds import KINDS, person_names
from domain.kinds.amendments import AMENDMENTS, CORRECTION
from domain.person_name import COMMITMENT_PREFIX, with_names
from domain.sealing import HOLDING_NAMES, PERSON_NAMES
from domain.versions import version_key
from ledger.verification.finding import Findings

OPAQUE = "Opaque"
ACTOR_NAME = ("actor", "name")
"""Where the name of whoever stands for a fact lies in the body."""
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00"
HEADER_BYTES = 19
TRAILER = b"\xff\xff"

# The columns of fixed length come first; the texts follow as one, and then the bytes.
SELECT = """
SELECT e.position, e.version, e.recorded_at, e.id, e.content_digest, e.leaf_hash,
    e.stream || chr(31) || e.kind || chr(31) || e.source_key
    || chr(31) || coalesce(e.record_version, chr(30)) || chr(31) || coalesce(e.version_key, chr(30))
    || chr(31) || coalesce(e.corrects::text, chr(30)),
    CASE WHEN e.kind = 'EventCorrected' THEN (
        SELECT t.kind || chr(31) || coalesce(t.corrects::text, '') FROM ledger.events AS t
        WHERE t.id = e.corrects AND t.source_key = e.source_key) END,
    e.bytes
FROM ledger.events AS e
"""
_COLUMNS = 9
_FIXED = Struct("!hiqiqiqi16si32si32si")
_LENGTH = Struct("!i")
_UNIT, _NONE = "\x1f", "\x1e"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNUSUAL = frozenset({OPAQUE, *ALIASING, *MENTIONING})
"""Kinds whose content is another than the payload, or that name streams."""
_COMMITMENT = f'"{COMMITMENT_PREFIX}'.encode()
_WIDTHS = (_COLUMNS, 8, 8, 8, 16, 32, 32)
_NONE_HELD: Mapping[tuple[str, ...], str] = {}
_ABSENT = msgspec.Raw()


_NEWEST = {
    **{kind: known.schema_version for kind, known in KINDS.items()},
    OPAQUE: sys.maxsize,
}


class _Source(msgspec.Struct, gc=False, kw_only=True):
    record_id: str
    record_version: str | None = None
    system: str


class _Signer(msgspec.Struct, gc=False):
    id: str = ""
    name: str | None = None


class _Body(msgspec.Struct, gc=False, kw_only=True):
    """In the order of the keys, like all of these: so they are read fastest."""

    actor: _Signer | None = None
    approvals: msgspec.Raw = _ABSENT
    attestation: msgspec.Raw = _ABSENT
    corrects: str | None = None
    id: str
    occurred_on: str
    payload: msgspec.Raw
    schema_version: int
    source: _Source


class _Stored(msgspec.Struct, gc=False):
    body: _Body
    format: int
    kind: str
    prev: str | None
    recorded_at: str
    stream: str
    version: int


class _Approvals(msgspec.Struct, gc=False):
    actor: Actor
    approvals: tuple[Approval, ...] = ()


class Checked(msgspec.Struct, gc=False):
    """What the checks of other rows need to know of an event."""

    position: int
    identifier: bytes
    id: str
    stream: str
    version: int
    prev: str | None
    leaf: bytes
    recorded_at: int
    size: int
    aliases: tuple[str, ...]
    mentions: tuple[str, ...]
    commitments: Mapping[tuple[str, ...], str]
    actor_name: str | None
    actor: str
    is_attested: bool


_decoded = msgspec.json.Decoder(_Stored).decode


def check_event(row: bytes, findings: Findings) -> Checked | None:
    """Check a row as COPY gives it; None if it cannot even be read."""
    (
        columns, position_width, position, version_width, version, at_width, recorded_at,
        id_width, identifier, digest_width, digest, leaf_width, leaf, length,
    ) = _FIXED.unpack_from(row)  # fmt: skip
    if (
        columns, position_width, version_width, at_width, id_width, digest_width, leaf_width
    ) != _WIDTHS:  # fmt: skip
        findings.add("unreadable_row", "a column has another type or is empty")
        return None
    parts = _long_parts(row, length)
    if parts is None:
        findings.add("unreadable_row", "a column is empty", position)
        return None
    texts, origin, data = parts
    hashed = sha256(b"\x00" + data).digest()
    if hashed != leaf:
        findings.add("leaf_hash", "the stored hash is not that of the stored bytes", position)
    stored = _read(data, position, findings)
    if stored is None:
        return None
    body = stored.body
    key = source_key(body.source.system, body.source.record_id)
    if (
        texts != _texts(stored, key)
        or stored.version != version
        or identifier.hex() != body.id.replace("-", "")
        or _microseconds(stored.recorded_at) != recorded_at
    ):
        findings.add("columns", "the columns are not what the bytes say", position)
    kind, actor = stored.kind, body.actor
    aliases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    said = bytes(body.payload)
    holds_names = kind in HOLDING_NAMES and _COMMITMENT in said
    commitments = _commitments(kind, said) if holds_names else _NONE_HELD
    name = None if actor is None else actor.name
    if origin is None and kind not in _UNUSUAL and not holds_names:
        meant_digest = content_digest(kind, stored.stream, body.occurred_on, said, body.corrects)
    else:
        meant = _Meant.of(stored, origin, commitments.values())
        meant_digest = meant.digest(data, stored)
        aliases, mentions = meant.aliases(key), meant.mentions()
    if digest != meant_digest:
        findings.add("content_digest", "the digest is not that of the content", position)
    if body.approvals is not _ABSENT or kind in ALWAYS:
        _check_approvals(data, stored, is_revision=origin is not None, findings=findings)
    return Checked(
        position,
        identifier,
        body.id,
        stored.stream,
        stored.version,
        stored.prev,
        hashed,
        recorded_at,
        len(data),
        aliases,
        mentions,
        commitments,
        name if name is not None and name.startswith(COMMITMENT_PREFIX) else None,
        "" if actor is None else actor.id,
        body.attestation is not _ABSENT,
    )


def _check_approvals(
    data: bytes, stored: _Stored, *, is_revision: bool, findings: Findings
) -> None:
    """Check that a second person approved the body as it was before the approval."""
    body = data[len(b'{"body":') : data.rindex(b',"format":')]
    try:
        parts = msgspec.json.decode(body, type=_Approvals)
        digest = digest_of(without_approvals(body)) if parts.approvals else ""
    except msgspec.DecodeError as error:
        findings.add("four_eyes", f"the approvals cannot be read: {error}", stored.version)
        return
    if stored.kind in ALWAYS and not parts.approvals:
        findings.add("four_eyes", f"a {stored.kind} that no second person approved")
    for approval in parts.approvals:
        # A newer version of a record wraps what was approved, so its bytes are others.
        if approval.actor.id == parts.actor.id or (
            approval.body_sha256 != digest and not is_revision
        ):
            message = f"version {stored.version} of {stored.stream} was not approved as it is"
            findings.add("four_eyes", message)


def _long_parts(row: bytes, length: int) -> tuple[bytes, bytes | None, bytes] | None:
    """Read the columns of any length: the texts, the origin if there is one, and the bytes."""
    # Written out three times, because a call takes longer than what it would do.
    if length < 0:
        return None
    start = _FIXED.size
    end = start + length
    texts, start = row[start:end], end + 4
    (length,) = _LENGTH.unpack_from(row, end)
    origin, end = (None, start) if length < 0 else (row[start : start + length], start + length)
    (length,) = _LENGTH.unpack_from(row, end)
    return None if length < 0 else (texts, origin, row[end + 4 : end + 4 + length])


def _texts(stored: _Stored, key: str) -> bytes:
    """Give the columns of text as they should be, in the order in which they are asked for."""
    label, corrects = stored.body.source.record_version, stored.body.corrects
    return (
        f"{stored.stream}{_UNIT}{stored.kind}{_UNIT}{key}"
        f"{_UNIT}{_NONE if label is None else label}"
        f"{_UNIT}{_NONE if label is None else version_key(label)}"
        f"{_UNIT}{_NONE if corrects is None else corrects}"
    ).encode()


def _read(data: bytes, position: int, findings: Findings) -> _Stored | None:
    """Read the bytes; a format or kind that this program does not know is a doubt."""
    try:
        stored = _decoded(data)
    except msgspec.DecodeError as error:
        findings.add("unreadable_event", f"the bytes are no event: {error}", position)
        return None
    newest = _NEWEST.get(stored.kind)
    if stored.format != FORMAT:
        unknown = f"format {stored.format}"
    elif newest is None:
        unknown = f"the kind {stored.kind}"
    elif stored.body.schema_version > newest:
        unknown = f"{stored.kind} version {stored.body.schema_version}"
    else:
        return stored
    findings.add("unknown_version", f"{unknown} is not known", position)
    return None


class _Meant(NamedTuple):
    """What was delivered: of a newer version of a record, the fact inside the correction."""

    kind: str
    stream: str
    occurred_on: str
    payload: bytes
    corrects: str | None

    @classmethod
    def of(cls, stored: _Stored, origin: bytes | None, names: Iterable[str]) -> "_Meant":
        """Find it; `origin` is the kind and target of the same record's first event."""
        body = stored.body
        kind, occurred_on, corrects = stored.kind, body.occurred_on, body.corrects
        if origin is None:
            payload = _nameless(bytes(body.payload), names)
            return cls(kind, stored.stream, occurred_on, payload, corrects)
        kind, _, target = origin.decode().partition(_UNIT)
        if kind in AMENDMENTS:
            payload = _nameless(bytes(body.payload), names)
            return cls(kind, stored.stream, occurred_on, payload, target or None)
        inner = msgspec.json.decode(body.payload)
        payload = _nameless(exact_bytes(inner["payload"]), names)
        return cls(kind, stored.stream, inner["occurred_on"], payload, None)

    def digest(self, data: bytes, stored: _Stored) -> bytes:
        """Hash it as the intake did."""
        if stored.kind == OPAQUE:
            # Of events of other libraries the whole body is the content.
            return sha256(data[len(b'{"body":') : data.rindex(b',"format":1,"kind":')]).digest()
        return content_digest(self.kind, self.stream, self.occurred_on, self.payload, self.corrects)

    def aliases(self, key: str) -> tuple[str, ...]:
        """Give the names by which it makes its stream known."""
        if self.kind not in ALIASING:
            return ()
        return aliases_of(self.kind, msgspec.json.decode(self.payload), key)

    def mentions(self) -> tuple[str, ...]:
        """Give the other streams it is about."""
        if self.kind not in MENTIONING:
            return ()
        return mentions_of(self.kind, msgspec.json.decode(self.payload))


def _nameless(payload: bytes, commitments: Iterable[str]) -> bytes:
    """Put null for the names of persons, which the digest leaves out."""
    for commitment in commitments:
        payload = payload.replace(b'"%b"' % commitment.encode(), b"null")
    return payload


@lru_cache(maxsize=1024)
def _microseconds(text: str) -> int:
    """Give an instant of the bytes as its column counts it; 0 for what is no instant."""
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, TypeError):
        # Nothing of the kind, or without a zone.
        return 0
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _commitments(kind: str, said: bytes) -> dict[tuple[str, ...], str]:
    """Find the commitments to names in a payload, each with its path in the body."""
    found: dict[tuple[str, ...], str] = {}
    within: tuple[str, ...] = ("payload",)
    payload, places = msgspec.json.decode(said), person_names(kind)
    if kind == CORRECTION and "payload" in payload:
        within, payload, places = ("payload", "payload"), payload["payload"], PERSON_NAMES

    def note(path: tuple[str, ...], value: object) -> object:
        found[(*within, *path)] = str(value)
        return value

    with_names(payload, places, note)
    return found
