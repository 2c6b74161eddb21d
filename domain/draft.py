"""A fact checked and made canonical, ready to queue for the writer.

Everything the sender determines is fixed here; the writer only adds position, version, time and the
hash of the event before.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from domain.canonical import canonical_bytes, text
from domain.envelope import LARGEST_BODY, Actor, Evidence, Source, body_bytes
from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.kinds import KINDS, kind_of, person_names
from domain.kinds.payload import Payload
from domain.person_name import SealedName, readable_name, seal
from domain.versions import version_key

SOURCE_REVISION: Final = "source revision"
"""The reason of a correction that nobody decided: the source itself sent a newer version."""

_CORRECTION: Final = "EventCorrected"
_RETRACTION: Final = "EventRetracted"
_AMENDMENTS: Final = (_CORRECTION, _RETRACTION)
_UNCHECKED: Final = (None, *_AMENDMENTS)
_LONGEST_REASON: Final = 2000
_LONGEST_PART: Final = 200

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STREAM = re.compile(
    r"(project|list|policy|pool|round|target|enterprise|meeting|ledger)/[^\s\x00-\x1f\x7f]{1,200}"
)

PERSON_NAMES: Final = frozenset(name for kind in KINDS for name in person_names(kind))
"""Fields that hold a person's name in any kind, for corrections whose target is not known yet."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A validated fact with its identity, ready for the writer."""

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

    def as_revision(
        self,
        target_id: str,
        *,
        id: str,  # noqa: A002 - named as in the stored object
        decided_on: str,
    ) -> "Draft":
        """Turn a newer version of a known record into the correction of the fact it was.

        Identity and digest stay the delivery's, so that the same delivery is known again. A newer
        version of an amendment replaces what that amendment says, and keeps its day of decision.
        """
        body: dict[str, Any] = msgspec.json.decode(self.body)
        amends = self.kind in _AMENDMENTS
        if not amends:
            body["payload"] = {"payload": body["payload"], "occurred_on": body["occurred_on"]}
            body["occurred_on"] = decided_on
        body |= {
            "id": id,
            "corrects": target_id,
            "reason": SOURCE_REVISION,
            "schema_version": KINDS[_CORRECTION].schema_version,
        }
        return replace(
            self,
            id=id,
            kind=_CORRECTION,
            body=canonical_bytes(body),
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


def prepare(
    *,
    id: str,  # noqa: A002 - named as in the stored object
    kind: str,
    stream: str,
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
) -> Draft:
    """Check a fact by itself and make it canonical. Raises Malformed.

    Of an amendment, `corrects` is the target's event id; it may also stand in the payload as
    `target`, from where it is lifted. With `corrected_kind`, the kind of the fact at the end of the
    chain of targets, a replacement payload is checked as that kind's; a payload that is not
    checked here and does not fit is passed over when facts are folded.
    """
    known = kind_of(kind)
    _check_stream(known, stream)
    _check_date(known, occurred_on)
    _check_source(source)
    reason = _checked_reason(known, reason)
    if kind in _AMENDMENTS:
        corrects, payload = _target(corrects, payload)
    elif corrects is not None:
        raise Malformed(
            code="extra_field",
            field="corrects",
            value=corrects,
            cure="Only EventCorrected and EventRetracted name a target.",
        )
    checked = known.validated(payload)
    if corrected_kind not in _UNCHECKED and "payload" in checked and kind == _CORRECTION:
        replacement = kind_of(corrected_kind).validated(checked["payload"], "payload.payload")
        checked = {**checked, "payload": replacement}
    digest = _content_digest(kind, stream, occurred_on, checked, corrects)
    checked, names = _sealed_payload(kind, checked, salts)
    actor, names = _sealed_actor(actor, names, salts)
    body = body_bytes(
        id=id,
        schema_version=known.schema_version,
        occurred_on=occurred_on,
        actor=actor,
        source=source,
        payload=checked,
        request_id=request_id,
        evidence=evidence,
        reason=reason,
        corrects=corrects,
    )
    _check_size(body)
    version = source.record_version
    key = source_key(source.system, source.record_id)
    return Draft(
        id,
        kind,
        stream,
        body,
        key,
        version,
        None if version is None else version_key(version),
        digest,
        corrects,
        names,
        _aliases(kind, checked, key),
        _mentions(kind, checked),
        expected_version,
        recorded_at,
    )


def _check_stream(known: type[Payload], stream: str) -> None:
    """Refuse a fact in a stream that cannot hold its kind; amendments lie in their target's."""
    match = _STREAM.fullmatch(stream)
    if match is None:
        raise Malformed(
            code="invalid_stream",
            field="stream",
            value=stream,
            cure="Name a stream as <type>/<id>, such as project/<id>, without blanks.",
        )
    if known.stream_type not in ("target-stream", match[1]):
        raise Malformed(
            code="wrong_stream",
            field="stream",
            value=stream,
            cure=f"Send {known.kind} to a stream {known.stream_type}/<id>.",
        )


def _check_date(known: type[Payload], occurred_on: str) -> None:
    """Refuse an impossible date, and another period than the kind reports about."""
    if not isinstance(occurred_on, str):
        raise Malformed(
            code="wrong_type", field="occurred_on", value=occurred_on, cure="Send a date as text."
        )
    try:
        precision = FlexDate.parse(occurred_on).precision
    except Malformed as error:
        raise error.within("occurred_on") from error
    if known.period is not None and precision is not known.period:
        raise Malformed(
            code="invalid_date",
            field="occurred_on",
            value=occurred_on,
            cure=f"Send {known.occurred_on_means}.",
        )


def _check_source(source: Source) -> None:
    """Refuse an identity that could not be found again."""
    if not _SYSTEM.fullmatch(source.system):
        raise Malformed(
            code="invalid_source",
            field="source.system",
            value=source.system,
            cure="Name the system by 1 to 64 letters, digits, dots, hyphens or underscores.",
        )
    _check_part("source.record_id", source.record_id)
    if source.record_version is not None:
        _check_part("source.record_version", source.record_version)


def _check_part(field: str, value: str) -> None:
    """Refuse an empty or oversized part of a record's identity."""
    if not value.strip() or len(value) > _LONGEST_PART:
        raise Malformed(
            code="missing_field" if not value.strip() else "invalid_value",
            field=field,
            value=value,
            cure=f"Send 1 to {_LONGEST_PART} characters.",
        )


def _checked_reason(known: type[Payload], reason: str | None) -> str | None:
    """Demand a reason where the kind needs one; an empty one counts as none."""
    given = reason.strip() if reason is not None else ""
    if not given and known.reason_required:
        raise Malformed(
            code="missing_reason",
            field="reason",
            cure=f"Say why in the field reason; {known.kind} needs one.",
        )
    if len(given) > _LONGEST_REASON:
        raise Malformed(
            code="invalid_value",
            field="reason",
            value=given,
            cure=f"Send at most {_LONGEST_REASON} characters.",
        )
    return given or None


def _target(corrects: str | None, payload: object) -> tuple[str, dict[str, Any]]:
    """Lift the target of an amendment out of its payload, and check it."""
    rest: Any = payload
    if isinstance(payload, dict) and "target" in payload:
        rest = {name: value for name, value in payload.items() if name != "target"}
        target = payload["target"]
        if corrects is not None and target != corrects:
            raise Malformed(
                code="invalid_value",
                field="payload.target",
                value=target,
                cure="Name one target, either in corrects or in the payload.",
            )
        corrects = target
    if corrects is None:
        raise Malformed(
            code="missing_field",
            field="corrects",
            cure="Name the event that is amended, by its event id, in corrects.",
        )
    if not isinstance(corrects, str) or not _UUID.fullmatch(corrects):
        raise Malformed(
            code="invalid_value",
            field="corrects",
            value=corrects,
            cure="Name the event that is amended by its event id, a UUID in lower case.",
        )
    return corrects, rest


def _content_digest(
    kind: str, stream: str, occurred_on: str, payload: dict[str, Any], corrects: str | None
) -> bytes:
    """Hash what a fact says; of names only that there is one, since their salts differ."""
    content: dict[str, Any] = {
        "corrects": corrects,
        "kind": kind,
        "occurred_on": occurred_on,
        "payload": _without_names(kind, payload),
        "stream": stream,
    }
    return sha256(canonical_bytes(content)).digest()


def _without_names(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Blank the names of a payload, also of one inside a correction."""
    names = person_names(kind)
    if kind == _CORRECTION and "payload" in payload:
        inner = {
            name: None if name in PERSON_NAMES else value
            for name, value in payload["payload"].items()
        }
        return {**payload, "payload": inner}
    if not names:
        return payload
    return {name: None if name in names else value for name, value in payload.items()}


def _sealed_payload(
    kind: str, payload: dict[str, Any], salts: Callable[[], bytes]
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Put commitments where the names of a payload stand."""
    if kind == _CORRECTION and "payload" in payload:
        path = ("payload", "payload")
        inner, names = _seal_all(payload["payload"], PERSON_NAMES, path, salts)
        return {**payload, "payload": inner}, names
    fields = person_names(kind)
    if not fields:
        return payload, ()
    return _seal_all(payload, fields, ("payload",), salts)


def _seal_all(
    payload: dict[str, Any],
    fields: Sequence[str] | frozenset[str],
    path: tuple[str, ...],
    salts: Callable[[], bytes],
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Seal the named fields of one object."""
    sealed = dict(payload)
    names = []
    for field in fields:
        if field in payload:
            name = _sealed((*path, field), payload[field], salts)
            names.append(name)
            sealed[field] = name.commitment
    return sealed, tuple(names)


def _sealed(path: tuple[str, ...], value: object, salts: Callable[[], bytes]) -> SealedName:
    """Seal one name."""
    if not isinstance(value, str):
        raise Malformed(
            code="wrong_type", field=".".join(path), value=value, cure="Send the name as text."
        )
    try:
        name = readable_name(text(value))
    except Malformed as error:
        raise error.within(".".join(path)) from error
    salt = salts()
    return SealedName(path, seal(name, salt), salt, name)


def _sealed_actor(
    actor: Actor, names: tuple[SealedName, ...], salts: Callable[[], bytes]
) -> tuple[Actor, tuple[SealedName, ...]]:
    """Seal the name of whoever stands for the fact."""
    if actor.name is None:
        return actor, names
    name = _sealed(("actor", "name"), actor.name, salts)
    return msgspec.structs.replace(actor, name=name.commitment), (*names, name)


def _check_size(body: bytes) -> None:
    """Refuse a body that would not fit an entry of the log."""
    if len(body) > LARGEST_BODY:
        raise Malformed(
            code="too_large",
            field="payload",
            value=f"{len(body)} bytes",
            cure=f"Keep a fact below {LARGEST_BODY} bytes; send documents as evidence by digest.",
        )


def _aliases(kind: str, payload: dict[str, Any], key: str) -> tuple[str, ...]:
    """Give the other names a fact makes its stream known by."""
    if kind == "ProjectRegistered":
        return (f"source:{key}",)
    if kind == "ProjectCodeAssigned":
        return (f"code:{payload['code']}",)
    return ()


def _mentions(kind: str, payload: dict[str, Any]) -> tuple[str, ...]:
    """Give the other streams a fact is also about."""
    if kind in ("ProjectListed", "ListingAmended"):
        return (f"list/{payload['list_id']}",)
    return ()
