"""Facts that need two persons: the second one approves the very bytes that the first one sent.

The approval goes into the event beside its actor. It names the digest of the
body without the approval, so anybody can take it out again and compare.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec

from domain.canonical import exact_bytes
from domain.envelope import Actor, Approval
from domain.errors import Refused
from domain.policy import Policy

ALWAYS: Final = frozenset({"ErasureApproved"})
"""Kinds that need two persons whatever a policy says."""


class SecondPersonNeeded(Refused):
    """A {value} needs a second person."""

    code = "needs_approval"
    field = "type"
    cure = "Somebody else approves it: lifecycle approve, or the mutation approve."


class SamePerson(Refused):
    """{value} has sent this and cannot approve it too."""

    code = "same_person"
    field = "actor"
    cure = "Let another person approve it, with a token of their own."


class OtherBytes(Refused):
    """The digest {value} is not that of what waits, which is {expected}."""

    code = "other_bytes"
    field = "digest"
    cure = "Read what waits again, and approve what it says now."


class _Actor(msgspec.Struct):
    actor: msgspec.Raw


class _Approved(msgspec.Struct):
    actor: msgspec.Raw
    approvals: msgspec.Raw


def digest_of(body: bytes) -> str:
    """Give the digest that an approval names."""
    return sha256(body).hexdigest()


def with_approval(body: bytes, approver: Actor) -> bytes:
    """Put an approval into a body, at its place among the sorted keys."""
    nameless = msgspec.structs.replace(approver, name=None)
    approval = Approval(nameless, digest_of(body))
    head = b'{"actor":' + bytes(msgspec.json.decode(body, type=_Actor).actor)
    assert body.startswith(head)
    told = exact_bytes([msgspec.to_builtins(approval)])
    return head + b',"approvals":' + told + body[len(head) :]


def without_approvals(body: bytes) -> bytes:
    """Give the body that was approved."""
    parts = msgspec.json.decode(body, type=_Approved)
    return body.replace(b',"approvals":' + bytes(parts.approvals), b"", 1)


def demanded(policies: Iterable[Policy]) -> frozenset[str]:
    """Give the kinds that need a second person under the policies in force."""
    listed = (str(kind) for policy in policies for kind in policy.rules["kinds"])
    return ALWAYS.union(listed)
