"""The hard rules of the envelope: what no fact may be like, whatever its payload says."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from domain.envelope import LARGEST_BODY, Evidence, Source
from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.kinds.payload import Payload

_LONGEST_REASON: Final = 2000
_LONGEST_PART: Final = 200

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STREAM = re.compile(
    r"(project|list|policy|pool|round|target|enterprise|meeting|ledger)/[^\s\x00-\x1f\x7f]{1,200}"
)


def check_stream(known: type[Payload], stream: str) -> None:
    """Refuse a fact in a stream that cannot hold its kind; amendments lie in their target's."""
    stream_type = _stream_type(stream)
    if known.stream_type in (stream_type, "target-stream"):
        return
    if stream_type not in known.other_streams:
        stream_types = [known.stream_type, *sorted(known.other_streams)]
        wanted = " or ".join(f"{stream_type}/<id>" for stream_type in stream_types)
        raise Malformed(
            code="wrong_stream",
            field="stream",
            value=stream,
            cure=f"Send {known.kind} to a stream {wanted}.",
        )


@lru_cache(maxsize=8_192)
def _stream_type(stream: str) -> str:
    """Give what a stream is about; many facts share one. Raises Malformed."""
    match = _STREAM.fullmatch(stream)
    if match is None:
        raise Malformed(
            code="invalid_stream",
            field="stream",
            value=stream,
            cure="Name a stream as <type>/<id>, such as project/<id>, without blanks.",
        )
    return match[1]


def check_date(known: type[Payload], occurred_on: str) -> None:
    """Refuse an impossible date, and another period than the kind reports about."""
    if not isinstance(occurred_on, str):
        raise Malformed(
            code="wrong_type", field="occurred_on", value=occurred_on, cure="Send a date as text."
        )
    try:
        FlexDate.parse(occurred_on)
    except Malformed as error:
        raise error.within(path="occurred_on") from error
    if known.period is not None:
        check_period(known, occurred_on, "occurred_on")


def check_period(known: type[Payload], occurred_on: str, field: str) -> None:
    """Refuse another period than the kind reports about."""
    if known.period is None:
        return
    if FlexDate.parse(occurred_on).precision not in (known.period, *known.further_periods):
        raise Malformed(
            code="invalid_date",
            field=field,
            value=occurred_on,
            cure=f"Send {known.occurred_on_means}.",
        )


def check_source(source: Source) -> None:
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


def check_evidence(evidence: Sequence[Evidence]) -> None:
    """Refuse a document that could not be recognised by its digest."""
    for index, document in enumerate(evidence):
        if not _SHA256.fullmatch(document.sha256):
            raise Malformed(
                code="invalid_value",
                field=f"evidence.{index}.sha256",
                value=document.sha256,
                cure="Send the document's SHA-256 as 64 hexadecimal digits in lower case.",
            )
        _check_part(f"evidence.{index}.id", document.id)
        _check_part(f"evidence.{index}.title", document.title)


def checked_reason(known: type[Payload], reason: str | None) -> str | None:
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


def lifted_target(corrects: str | None, payload: object) -> tuple[str, dict[str, Any]]:
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


def check_size(body: bytes) -> None:
    """Refuse a body that would not fit an entry of the log."""
    if len(body) > LARGEST_BODY:
        raise Malformed(
            code="event_too_large",
            field="payload",
            value=f"{len(body)} bytes",
            cure=f"Keep a fact below {LARGEST_BODY} bytes; send documents as evidence by digest.",
        )
