"""A fact checked and made canonical, ready to queue for the writer.

Everything the sender determines is fixed here; the writer only adds position, version, time and the
hash of the event before.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import msgspec

from domain.attestation import Attested, statement
from domain.canonical import exact_bytes, text
from domain.envelope import Actor, Attestation, Evidence, Source, body_bytes
from domain.envelope_rules import (
    check_date,
    check_evidence,
    check_period,
    check_size,
    check_source,
    check_stream,
    checked_reason,
    lifted_target,
)
from domain.errors import Malformed
from domain.identity import LINK, link_aliases
from domain.kinds import KINDS, kind_of
from domain.kinds.amendments import AMENDMENTS, CORRECTION
from domain.person_name import SealedName
from domain.sealing import HOLDING_NAMES, sealed_actor, sealed_payload
from domain.versions import version_key

SOURCE_REVISION: Final = "source revision"
"""The reason of a correction that nobody decided: the source itself sent a newer version."""


class Draft(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A validated fact with its identity, ready for the writer; processes may hand it over.

    `beside` is the position of the last event about policies that it was judged beside, if its
    place depends on them.
    """

    id: str
    kind: str
    stream: str
    body: bytes
    source_key: str
    record_version: str | None
    version_key: str | None
    content_digest: bytes
    corrects: str | None
    names: tuple[SealedName, ...]
    aliases: tuple[str, ...]
    mentions: tuple[str, ...]
    expected_version: int | None
    recorded_at: datetime | None
    beside: int | None = None

    def as_revision(
        self,
        target_id: str,
        *,
        id: str,
        decided_on: str,
    ) -> "Draft":
        """Turn a newer version of a known record into the correction of the fact it was.

        Identity and digest stay the delivery's, so that the same delivery is known again. A newer
        version of an amendment replaces what that amendment says, and keeps its day of decision.
        """
        body: dict[str, Any] = msgspec.json.decode(self.body)
        amends = self.kind in AMENDMENTS
        if not amends:
            body["payload"] = {"payload": body["payload"], "occurred_on": body["occurred_on"]}
            body["occurred_on"] = decided_on
        if "attestation" in body:
            body["attestation"] |= {"kind": self.kind}
            if "reason" in body:
                body["attestation"] |= {"reason": body["reason"]}
        body |= {
            "id": id,
            "corrects": target_id,
            "reason": SOURCE_REVISION,
            "schema_version": KINDS[CORRECTION].schema_version,
        }
        return msgspec.structs.replace(
            self,
            id=id,
            kind=CORRECTION,
            body=exact_bytes(body),
            corrects=target_id,
            names=self.names if amends else tuple(_deeper(name) for name in self.names),
            expected_version=None,
        )


def _deeper(name: SealedName) -> SealedName:
    """Follow a payload's name to where it stands inside a correction."""
    if name.path[0] != "payload":
        return name
    return msgspec.structs.replace(name, path=("payload", *name.path))


def source_key(system: str, record_id: str) -> str:
    """Name a record of another system; a system's name holds no slash, so this is unambiguous."""
    return f"{system}/{record_id}"


class Checked(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A fact checked by itself and made canonical, wherever it will lie."""

    id: str
    kind: str
    occurred_on: str
    payload: dict[str, Any]
    content: bytes
    body: bytes
    source_key: str
    record_version: str | None
    corrects: str | None
    names: tuple[SealedName, ...]
    aliases: tuple[str, ...]
    mentions: tuple[str, ...]
    expected_version: int | None
    recorded_at: datetime | None

    def placed(self, stream: str) -> Draft:
        """Put the fact into a stream. Raises Malformed for one that cannot hold its kind."""
        known = KINDS[self.kind]
        check_stream(known, stream)
        known.check_setting(self.payload, stream, self.occurred_on)
        version = self.record_version
        return Draft(
            self.id,
            self.kind,
            stream,
            self.body,
            self.source_key,
            version,
            None if version is None else version_key(version),
            content_digest(self.kind, stream, self.occurred_on, self.content, self.corrects),
            self.corrects,
            self.names,
            self.aliases,
            self.mentions,
            self.expected_version,
            self.recorded_at,
        )


def prepare(*, stream: str, **fact: Any) -> Draft:
    """Check a fact by itself and put it into its stream, as `check` says. Raises Malformed."""
    return check(**fact).placed(stream)


def check(
    *,
    id: str,
    kind: str,
    occurred_on: str,
    actor: Actor,
    source: Source,
    payload: dict[str, Any],
    request_id: str,
    salts: Callable[[], bytes],
    evidence: Sequence[Evidence] = (),
    reason: str | None = None,
    corrects: str | None = None,
    corrected_kind: str | None = None,
    expected_version: int | None = None,
    recorded_at: datetime | None = None,
    attested: Attested | None = None,
    named: tuple[str | None, str | None] = (None, None),
) -> Checked:
    """Check a fact by itself and make it canonical. Raises Malformed.

    Of an amendment, `corrects` is the target's event id; it may also stand in the payload as
    `target`, from where it is lifted. With `corrected_kind`, the kind of the fact at the end of the
    chain of targets, a replacement payload is checked as that kind's; a payload that is not
    checked here and does not fit is passed over when facts are folded.

    `attested` is the source's own signature, which others verify; `named` are subject and target as
    the source named them.
    """
    known = kind_of(kind)
    check_date(known, occurred_on)
    check_source(source)
    if evidence:
        check_evidence(evidence)
    if reason is not None or known.reason_required:
        reason = checked_reason(known, reason)
    if kind in AMENDMENTS:
        corrects, payload = lifted_target(corrects, payload)
    elif corrects is not None:
        raise Malformed(
            code="extra_field",
            field="corrects",
            value=corrects,
            cure="Only EventCorrected and EventRetracted name a target.",
        )
    checked = known.validated(payload)
    if kind == CORRECTION and corrected_kind:
        checked = _replacement(checked, corrected_kind)
    attestation = None
    if attested is not None:
        said = statement(
            kind=kind,
            occurred_on=occurred_on,
            payload=checked,
            system=source.system,
            record_id=source.record_id,
            record_version=source.record_version,
            evidence=evidence,
            reason=reason,
            subject=named[0],
            corrects=named[1],
        )
        digest = sha256(said).hexdigest()
        attestation = Attestation(attested.key, digest, attested.signature, *named)
    names: tuple[SealedName, ...] = ()
    if kind in HOLDING_NAMES:
        sealed, names = sealed_payload(kind, checked, salts)
        written = exact_bytes(sealed, "payload")
        content = _without_names(written, names)
    else:
        written = content = exact_bytes(checked, "payload")
    if actor.name is not None:
        actor, names = sealed_actor(actor, names, salts)
    body = body_bytes(
        id=id,
        schema_version=known.schema_version,
        occurred_on=occurred_on,
        actor=actor,
        source=source,
        payload=written,
        request_id=request_id,
        evidence=evidence,
        reason=reason,
        corrects=corrects,
        attestation=attestation,
    )
    check_size(body)
    key = source_key(source.system, source.record_id)
    return Checked(
        id,
        known.kind,
        occurred_on,
        checked,
        content,
        body,
        key,
        source.record_version,
        corrects,
        names,
        aliases_of(kind, checked, key),
        mentions_of(kind, checked),
        expected_version,
        recorded_at,
    )


def _replacement(correction: dict[str, Any], corrected_kind: str) -> dict[str, Any]:
    """Check what a correction says by the kind that it corrects in the end. Raises Malformed."""
    corrected = kind_of(corrected_kind)
    if "payload" in correction and corrected_kind not in AMENDMENTS:
        replacement = corrected.validated(correction["payload"], "payload.payload")
        correction = {**correction, "payload": replacement}
    if "occurred_on" in correction:
        check_period(corrected, correction["occurred_on"], "payload.occurred_on")
    return correction


def _without_names(written: bytes, names: Iterable[SealedName]) -> bytes:
    """Blank the names in a payload; nobody can write a commitment before its salt is drawn."""
    for name in names:
        written = written.replace(b'"%b"' % name.commitment.encode(), b"null")
    return written


def content_digest(
    kind: str, stream: str, occurred_on: str, nameless: bytes, corrects: str | None
) -> bytes:
    """Hash what a fact says; of names only that there is one, since their salts differ.

    Kind, date and target have been checked, so they are plain ASCII. The hashed object is in
    canonical form.
    """
    target = b"null" if corrects is None else b'"%b"' % corrects.encode()
    return sha256(
        b'{"corrects":%b,"kind":"%b","occurred_on":"%b","payload":%b,"stream":%b}'
        % (target, kind.encode(), occurred_on.encode(), nameless, _stream_bytes(stream))
    ).digest()


@lru_cache(maxsize=8_192)
def _stream_bytes(stream: str) -> bytes:
    """Write the name of a stream, which many facts share."""
    return exact_bytes(stream, "stream")


ALIASING: Final = frozenset({"ProjectRegistered", "ProjectCodeAssigned", LINK})
"""The kinds that `aliases_of` answers."""

MENTIONING: Final = frozenset(
    {"ProjectListed", "ListingAmended", "JointReviewHeld", "ProjectSplitOrMerged"}
)
"""The kinds that `mentions_of` answers."""


def aliases_of(kind: str, payload: dict[str, Any], key: str) -> tuple[str, ...]:
    """Give the other names a fact makes its stream known by."""
    if kind == "ProjectRegistered":
        return (f"source:{key}",)
    if kind == "ProjectCodeAssigned":
        return (f"code:{payload['code']}",)
    if kind == LINK:
        return link_aliases(payload)
    return ()


def mentions_of(kind: str, payload: dict[str, Any]) -> tuple[str, ...]:
    """Give the other streams a fact is also about."""
    if kind in ("ProjectListed", "ListingAmended"):
        return (f"list/{text(payload['list_id'])}",)
    if kind == "JointReviewHeld":
        return tuple(f"project/{text(project)}" for project in payload.get("projects", ()))
    if kind == "ProjectSplitOrMerged":
        projects = dict.fromkeys([*payload["from"], *payload["to"]])
        return tuple(f"project/{text(project)}" for project in projects)
    return ()
