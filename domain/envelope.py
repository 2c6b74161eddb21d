"""An event as it is stored: the body its sender determined, the header the writer put around it.

The stored bytes are canonical JSON, format 1. Keys are sorted, so the writer only concatenates, and
nothing is ever serialised again to check a hash.

The structures here are trees of plain values and never part of a cycle, so the garbage collector
need not look at them (`gc=False`); it would, often, while thousands of events are read.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import msgspec
import orjson

from domain.canonical import exact_bytes, quoted
from domain.errors import UnknownFormat
from domain.flexdate import FlexDate
from domain.kinds import upcast

FORMAT: Final = 1
"""The format of the stored bytes; another one is a hard failure."""

LARGEST_BODY: Final = 64_000
"""Bytes of a body; with its header it must stay below the 65,535 bytes of a log's entry."""


class Actor(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, cache_hash=True):
    """Who stands for a fact."""

    id: str
    org: str
    role: str
    name: str | None = None
    on_behalf_of: str | None = None


class Source(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The record of another system that a fact was taken from."""

    system: str
    record_id: str
    record_version: str | None = None
    batch_id: str | None = None
    row_no: int | None = None


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A document that proves a fact, known by its digest."""

    id: str
    title: str
    sha256: str
    uri: str | None = None
    page: int | None = None


class Approval(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A second person's word for the very body, known by its digest without the approvals."""

    actor: Actor
    body_sha256: str


class Attestation(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A source's own signature over the statement with a digest; see `domain.attestation`.

    `subject` and `corrects` are as the sender named them. `kind` and `reason` are those of a fact
    that was wrapped as a correction because a newer version of its record came in.
    """

    key: str
    sha256: str
    signature: str
    subject: str | None = None
    corrects: str | None = None
    kind: str | None = None
    reason: str | None = None


class _Body(msgspec.Struct, gc=False, kw_only=True):
    """The sender's layer of the stored object, in the order of its keys: so it is read fastest."""

    actor: Actor
    approvals: tuple[Approval, ...] = ()
    attestation: Attestation | None = None
    corrects: str | None = None
    evidence: tuple[Evidence, ...] = ()
    id: str
    occurred_on: str
    payload: dict[str, Any]
    reason: str | None = None
    request_id: str
    schema_version: int
    source: Source


class _Stored(msgspec.Struct, gc=False):
    """The whole stored object, in the order of its keys."""

    body: _Body
    format: int
    kind: str
    prev: str | None
    recorded_at: datetime
    stream: str
    version: int


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event read back from the ledger, its payload brought to today's version of its kind."""

    position: int
    id: str
    stream: str
    version: int
    kind: str
    recorded_at: datetime
    occurred_on: FlexDate
    actor: Actor
    reason: str | None
    request_id: str
    source: Source
    evidence: tuple[Evidence, ...]
    corrects: str | None
    payload: dict[str, Any]
    prev: str | None
    leaf_hash: bytes | None
    approvals: tuple[Approval, ...] = ()
    attestation: Attestation | None = None


_decoded = msgspec.json.Decoder(_Stored).decode


def body_bytes(
    *,
    id: str,
    schema_version: int,
    occurred_on: str,
    actor: Actor,
    source: Source,
    payload: bytes,
    request_id: str,
    evidence: Sequence[Evidence] = (),
    reason: str | None = None,
    corrects: str | None = None,
    attestation: Attestation | None = None,
) -> bytes:
    """Write the sender's layer as canonical bytes around a canonical payload.

    Absent parts are left out. The keys stand in their order, so nothing is sorted here.
    """
    parts = (
        b'{"actor":',
        _repeated(actor, "actor"),
        b""
        if attestation is None
        else b',"attestation":' + exact_bytes(msgspec.to_builtins(attestation), "attestation"),
        b"" if corrects is None else b',"corrects":' + exact_bytes(corrects, "corrects"),
        b',"evidence":',
        _documents(evidence) if evidence else b"[]",
        b',"id":',
        quoted(id, "id"),
        b',"occurred_on":',
        quoted(occurred_on, "occurred_on"),
        b',"payload":',
        payload,
        b"" if reason is None else b',"reason":' + exact_bytes(reason, "reason"),
        b',"request_id":',
        _repeated(request_id, "request_id"),
        b',"schema_version":%d,"source":' % schema_version,
        _told(source),
        b"}",
    )
    return b"".join(parts)


def _told(source: Source) -> bytes:
    """Write what a source says of itself, without what it leaves out."""
    version, batch, row = source.record_version, source.batch_id, source.row_no
    parts = (
        b"{" if batch is None else b'{"batch_id":%b,' % quoted(batch, "source.batch_id"),
        b'"record_id":',
        quoted(source.record_id, "source.record_id"),
        b""
        if version is None
        else b',"record_version":' + quoted(version, "source.record_version"),
        b"" if row is None else b',"row_no":%d' % row,
        b',"system":',
        quoted(source.system, "source.system"),
        b"}",
    )
    return b"".join(parts)


def _documents(evidence: Sequence[Evidence]) -> bytes:
    """Write what proves a fact."""
    return exact_bytes([msgspec.to_builtins(document) for document in evidence], "evidence")


@lru_cache(maxsize=256)
def _repeated(part: Actor | str, path: str) -> bytes:
    """Write once what many facts share."""
    return exact_bytes(msgspec.to_builtins(part), path)


def event_bytes(
    *, body: bytes, kind: str, prev: str | None, recorded_at: datetime, stream: str, version: int
) -> bytes:
    """Put the writer's header around a canonical body; the result is the leaf of the tree."""
    before = "null" if prev is None else f'"{prev}"'
    header = (
        f',"format":1,"kind":{_written(kind)},"prev":{before},"recorded_at":{_instant(recorded_at)}'
        f',"stream":{_written(stream)},"version":{version}}}'
    )
    return b"".join((b'{"body":', body, header.encode()))


@lru_cache(maxsize=8_192)
def _written(text: str) -> str:
    """Write a text of the header, which many events share."""
    return orjson.dumps(text).decode()


@lru_cache(maxsize=64)
def _instant(moment: datetime) -> str:
    """Write an aware instant in UTC with six digits; all events of a group share one."""
    written = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return f'"{written.removesuffix("+00:00")}Z"'


def leaf_hash(data: bytes) -> bytes:
    """Hash a stored event as a leaf of the RFC 6962 tree."""
    return sha256(b"\x00" + data).digest()


def read_event(position: int, data: bytes, leaf: bytes | None) -> Recorded:
    """Read stored bytes. Raises UnknownFormat for bytes of another format or of no event."""
    try:
        stored = _decoded(data)
    except msgspec.DecodeError as error:
        raise UnknownFormat(value=_format(data), position=position) from error
    if stored.format != FORMAT:
        raise UnknownFormat(value=stored.format, position=position)
    body, kind = stored.body, stored.kind
    return Recorded(
        position,
        body.id,
        stored.stream,
        stored.version,
        kind,
        stored.recorded_at,
        FlexDate.parse(body.occurred_on),
        body.actor,
        body.reason,
        body.request_id,
        body.source,
        body.evidence,
        body.corrects,
        upcast(kind, body.schema_version, body.payload),
        stored.prev,
        leaf,
        body.approvals,
        body.attestation,
    )


def _format(data: bytes) -> object:
    """Find out what bytes that could not be read say about their format."""
    try:
        stored = msgspec.json.decode(data)
    except msgspec.DecodeError:
        return "(no JSON)"
    return stored.get("format") if isinstance(stored, dict) else "(no object)"
