"""A source's own signature over a fact: what is signed, and how it stands in the leaf.

The sender signs a *statement*: what it says, in the form in which the ledger keeps it, without what
the ledger adds (ids, times, who the token belongs to). The leaf holds the statement's digest and
the signature over it; whoever has the leaf and its names can make the statement anew. Where a name
was erased the statement cannot be made any more, but the signature still holds for its digest.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from domain.canonical import exact_bytes
from domain.envelope import Attestation, Evidence
from domain.person_name import COMMITMENT_PREFIX

_PREFIX: Final = b"lifecycle-ledger attestation 1\n"
_KEY_DIGITS: Final = 16


class Attested(msgspec.Struct, frozen=True, gc=False):
    """What a sender gives beside a fact: which key signed it, and the signature in base64."""

    key: str
    signature: str


def key_id_of(public: bytes) -> str:
    """Name a public key of 32 bytes (Ed25519) by the beginning of its SHA-256."""
    return sha256(public).hexdigest()[:_KEY_DIGITS]


def statement(
    *,
    kind: str,
    occurred_on: str,
    payload: Mapping[str, Any],
    system: str,
    record_id: str,
    record_version: str | None = None,
    evidence: Sequence[Evidence] = (),
    reason: str | None = None,
    subject: str | None = None,
    corrects: str | None = None,
) -> bytes:
    """Write what is signed, as canonical JSON (RFC 8785); parts that are absent are left out.

    `subject` and `corrects` are as the sender named them, `payload` as the ledger keeps it.
    """
    said = {
        "corrects": corrects,
        "evidence": [msgspec.to_builtins(document) for document in evidence],
        "kind": kind,
        "occurred_on": occurred_on,
        "payload": payload,
        "reason": reason,
        "record_id": record_id,
        "record_version": record_version,
        "subject": subject,
        "system": system,
    }
    return exact_bytes({name: part for name, part in said.items() if part is not None})


def signed_text(digest: str) -> bytes:
    """Give the bytes under the signature, from the SHA-256 of a statement in hexadecimal."""
    return _PREFIX + digest.encode() + b"\n"


class _Source(msgspec.Struct, gc=False):
    system: str
    record_id: str
    record_version: str | None = None


class StoredBody(msgspec.Struct, gc=False):
    """The parts of a stored body that a statement is made of."""

    occurred_on: str
    source: _Source
    payload: dict[str, Any]
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    corrects: str | None = None
    attestation: Attestation | None = None


class Sealed(Exception):
    """A name in the statement is not known here, so that it cannot be made anew."""


def statement_of(kind: str, body: StoredBody, name_behind: Callable[[str], str | None]) -> bytes:
    """Make the statement of a stored fact anew. Raises Sealed.

    `name_behind` gives the name behind a commitment, or None where it was erased or is not known.
    """
    attestation = body.attestation
    assert attestation is not None
    payload, occurred_on, reason = body.payload, body.occurred_on, body.reason
    if attestation.kind is not None:
        # A newer version of a record came in as a correction of the fact it was.
        kind, reason = attestation.kind, attestation.reason
        if "payload" in payload:
            payload, occurred_on = payload["payload"], payload.get("occurred_on", occurred_on)
    return statement(
        kind=kind,
        occurred_on=occurred_on,
        payload=_opened(payload, name_behind),
        system=body.source.system,
        record_id=body.source.record_id,
        record_version=body.source.record_version,
        evidence=body.evidence,
        reason=reason,
        subject=attestation.subject,
        corrects=attestation.corrects,
    )


def _opened(value: Any, name_behind: Callable[[str], str | None]) -> Any:
    """Put names in place of their commitments. Raises Sealed."""
    if isinstance(value, dict):
        return {key: _opened(item, name_behind) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item, name_behind) for item in value]
    if isinstance(value, str) and value.startswith(COMMITMENT_PREFIX):
        name = name_behind(value)
        if name is None:
            raise Sealed
        return name
    return value
