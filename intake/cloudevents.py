"""Read facts that arrive as CloudEvents 1.0: structured, binary, batches and lines of any number.

The attributes mean: `type` is the kind, `source` is "/sources/<system>", `id` is the record's id,
with "#" and the record's version after it if the source has versions, `subject` is the stream or an
alias, `time` the source's time. Extensions: `recordid` and `recordversion` (instead of the two
parts of `id`), `occurredon`, `reason`, `expectedversion`, `corrects`, `batchid`, `rowno`. `data` is
the payload, with `evidence` lifted out. Other extensions are ignored, as the standard wants.

Source: CloudEvents 1.0.2, JSON event format and HTTP protocol binding.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec

from domain.attestation import Attested
from domain.errors import Malformed, shortened
from domain.exact_json import decode, decoder
from intake.damaged import decode_damaged
from intake.delivery import Delivery, Parsed
from intake.moments import moment
from intake.repeated import may_repeat, refused_where_repeating

SOURCE_PREFIX = "/sources/"
LONGEST_IDENTIFIER = 200
LARGEST_NUMBER = 2**31 - 1
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ATTRIBUTE = re.compile(r"[a-z0-9]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPED = re.compile(r"\\(.)")
_USUAL = frozenset(
    {
        *("specversion", "id", "source", "type", "subject", "time"),
        *("datacontenttype", "dataschema", "data", "occurredon"),
    }
)
_KNOWN = frozenset(
    {
        *("data_base64", "recordid", "recordversion", "reason", "expectedversion", "corrects"),
        *("batchid", "rowno", "receivedat", "actorid", "actorname", "actororg", "actorrole"),
        *("signature", "signaturekey"),
    }
)


_Given = Annotated[str, msgspec.Meta(min_length=1)]


class _Usual(msgspec.Struct, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """What most events consist of; these are read in one go."""

    specversion: Literal["1.0"]
    type: _Given
    source: _Given
    id: _Given
    occurredon: _Given
    data: dict[str, Any]
    subject: _Given | None = None
    time: _Given | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None


NO_EVENT = frozenset({"invalid_json", "invalid_utf8", "not_an_event", "event_too_large"})
"""The codes of what is not one whole JSON object, whatever would stand in it."""

_decode_usual = decoder(_Usual).decode


def read_document(data: bytes) -> Iterator[Parsed]:
    """Read one CloudEvent or an array of them.

    Bytes that are not UTF-8, and what else no text or number can be, spoil only the events they are
    in. Raises Malformed at once when the whole is no JSON at all or no event.
    """
    document = _read_json(data)
    if not isinstance(document, list | dict | Malformed):
        raise Malformed(
            code="not_an_event",
            value=shortened(document),
            cure="Send one CloudEvent as a JSON object, or several as an array.",
        )
    return map(_read, document if isinstance(document, list) else [document])


def read_lines(lines: Iterable[bytes | Malformed]) -> Iterator[Parsed]:
    """Read one CloudEvent a line, as lines come; a line that cannot be read spoils no other."""
    return map(read_line, lines)


def read_line(line: bytes | Malformed, *, searched: bool = False) -> Parsed:
    """Read one CloudEvent; one that was `searched` for repetitions before is not searched again."""
    if isinstance(line, Malformed):
        return line
    try:
        usual = _decode_usual(line)
        repeats = not searched and may_repeat(line, usual)
        return _read_unusual(line) if repeats else _read_usual(usual)
    except (msgspec.DecodeError, UnicodeError, RecursionError, Malformed):
        return _read_unusual(line)


def _read_unusual(line: bytes) -> Parsed:
    """Read an event that is not like most, or say why it cannot be read."""
    try:
        return _read(_read_json(line))
    except Malformed as problem:
        return problem.as_value()


def _read_usual(event: _Usual) -> Delivery:
    """Read an event as `read_event` would. Raises Malformed."""
    payload, evidence = _lifted(event.data)
    if event.time is not None:
        moment(event.time, "time")
    record_id, mark, tail = event.id.rpartition("#")
    record_id, record_version = _checked_identity(
        record_id if mark else tail, tail if mark else None
    )
    return Delivery(
        kind=event.type,
        system=_system(event.source),
        record_id=record_id,
        record_version=record_version or event.time,
        subject=event.subject,
        occurred_on=event.occurredon,
        time=event.time,
        payload=payload,
        evidence=evidence,
    )


def read_binary(headers: Mapping[str, str], body: bytes) -> Parsed:
    """Read one event whose attributes are HTTP headers and whose data is the body."""
    try:
        event: dict[str, Any] = {
            name[3:]: _header(name[3:], value)
            for name, value in headers.items()
            if name.startswith("ce-")
        }
        data = _read_json(body) if body else None
    except Malformed as problem:
        return problem.as_value()
    if isinstance(data, Malformed):
        return data.within("payload")
    return _read(event if data is None else event | {"data": data})


def _header(name: str, value: str) -> str:
    """Read an attribute out of a header: first its quotes, then its percent signs.

    Raises Malformed for letters that are not encoded, which no two programs read alike.
    """
    if _QUOTED.fullmatch(value):
        value = _ESCAPED.sub(r"\1", value[1:-1])
    try:
        if value.isascii():
            return unquote(value, errors="strict")
    except UnicodeDecodeError:
        pass
    raise Malformed(
        code="invalid_attribute",
        field=name,
        value=value,
        cure="Write what is not plain ASCII as the percent-encoded bytes of its UTF-8.",
    )


def _read_json(data: bytes) -> object:
    """Decode JSON, with what is damaged or said twice in it kept apart. Raises Malformed."""
    try:
        document = decode(data)
    except Malformed as problem:
        return decode_damaged(data, problem)
    return refused_where_repeating(data, document) if may_repeat(data, document) else document


def _read(event: object) -> Parsed:
    """Read one event, or say why it cannot be read."""
    if isinstance(event, Malformed):
        return event
    if not isinstance(event, dict):
        return Malformed(code="not_an_event", value=shortened(event), cure="Send a JSON object.")
    try:
        return read_event(event)
    except Malformed as problem:
        return problem.as_value()


def read_event(event: dict[str, Any]) -> Delivery:
    """Read one decoded CloudEvent. Raises Malformed."""
    rare = event.keys() - _USUAL
    if _required(event, "specversion") != "1.0":
        raise _wrong(event["specversion"], "specversion", 'Set "specversion" to "1.0".')
    kind = _required(event, "type")
    stated, time = _text(event, "occurredon"), _text(event, "time")
    occurred_on = stated or time
    if occurred_on is None:
        raise Malformed(
            code="missing_field",
            field="occurredon",
            cure='Say when it was true: "occurredon": "2024-06-11", or "2024-06", or "2024".',
        )
    if stated and time:
        moment(time, "time")
    # Most events have none of the other attributes, and then they need not be looked for.
    further = _further(event, rare) if rare else {}
    record_id, record_version = _identity(event)
    payload, evidence = _payload(event)
    return Delivery(
        kind=kind,
        system=_system(_required(event, "source")),
        record_id=record_id,
        # The source's update time stands in for a version, unless it is the fact's own date.
        record_version=record_version or (time if stated else None),
        subject=_text(event, "subject"),
        occurred_on=occurred_on,
        time=time,
        payload=payload,
        evidence=evidence,
        **further,
    )


def _further(event: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Read the attributes that few events have. Raises Malformed."""
    for name in sorted(names - _KNOWN):
        if not _ATTRIBUTE.fullmatch(name):
            raise Malformed(
                code="extra_field",
                field=name,
                cure='Attribute names are small letters and digits; facts belong into "data".',
            )
    received_at = _text(event, "receivedat")
    found = {
        "reason": _text(event, "reason"),
        "expected_version": _number(event, "expectedversion"),
        "corrects": _text(event, "corrects"),
        "batch_id": _text(event, "batchid"),
        "row_no": _number(event, "rowno"),
        "actor": _actor(event) if event.get("actorid") is not None else None,
        "received_at": received_at and moment(received_at, "receivedat"),
        "attested": _attested(event),
    }
    return {name: value for name, value in found.items() if value is not None}


def _attested(event: dict[str, Any]) -> Attested | None:
    """Read the source's own signature and the name of its key. Raises Malformed."""
    key, signature = _text(event, "signaturekey"), _text(event, "signature")
    if signature is None and key is None:
        return None
    if signature is None or key is None:
        missing = "signature" if signature is None else "signaturekey"
        raise Malformed(
            code="missing_field",
            field=missing,
            cure='A signature comes with its key: "signature" in base64 and "signaturekey".',
        )
    return Attested(key, signature)


def _identity(event: dict[str, Any]) -> tuple[str, str | None]:
    """Give the record's id and version, from the extensions or from the two parts of `id`."""
    event_id = _required(event, "id")
    version = _text(event, "recordversion")
    record_id = _text(event, "recordid")
    if record_id is None:
        record_id, mark, tail = event_id.rpartition("#")
        if not mark:
            record_id = event_id
        elif version is None:
            version = tail
    return _checked_identity(record_id, version)


def _checked_identity(record_id: str, version: str | None) -> tuple[str, str | None]:
    """Refuse an identity that is empty or too long; an empty version is none."""
    if not record_id or len(record_id) > LONGEST_IDENTIFIER or not record_id.isprintable():
        raise _wrong(record_id, "id", "Give the record's own id at its source, 1 to 200 letters.")
    if version is not None and len(version) > LONGEST_IDENTIFIER:
        raise _wrong(version, "recordversion", "Give the record's version in at most 200 letters.")
    return record_id, version or None


@lru_cache(maxsize=1024)
def _system(source: str) -> str:
    """Give the name of the sending system from `source`."""
    system = source.removeprefix(SOURCE_PREFIX)
    if system == source or not _SYSTEM.fullmatch(system):
        raise _wrong(source, "source", 'Name the system: "source": "/sources/<system>".')
    return system


def _payload(event: dict[str, Any]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """Give the payload and the evidence that was lifted out of it."""
    data = event.get("data")
    if data is None:
        data = _decoded(event) if "data_base64" in event else {}
    if not isinstance(data, dict):
        raise _wrong(data, "data", "Send the payload as a JSON object.")
    return _lifted(data)


def _lifted(data: dict[str, Any]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """Lift the evidence out of a payload."""
    if "evidence" not in data:
        return data, ()
    evidence = data["evidence"]
    if not isinstance(evidence, list) or not all(isinstance(item, dict) for item in evidence):
        raise _wrong(
            evidence, "data.evidence", "List documents as {id, title, sha256, uri?, page?}."
        )
    return {name: data[name] for name in data if name != "evidence"}, tuple(evidence)


def _decoded(event: dict[str, Any]) -> object:
    """Give JSON data that was sent in base64."""
    text = _required(event, "data_base64")
    try:
        return decode(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise _wrong(text, "data_base64", 'Send the payload as JSON in "data".') from error


def _actor(event: dict[str, Any]) -> dict[str, str]:
    """Give the person or office that a source with the right to say so names as the actor."""
    named = {name: _text(event, f"actor{name}") for name in ("id", "name", "org", "role")}
    return {name: value for name, value in named.items() if value is not None}


def _required(event: dict[str, Any], name: str) -> str:
    """Give the text of an attribute that must be there."""
    value = _text(event, name)
    if value is None:
        raise Malformed(
            code="missing_field", field=name, value=None, cure=f'Add the attribute "{name}".'
        )
    return value


def _text(event: dict[str, Any], name: str, field: str | None = None) -> str | None:
    """Give the text of an attribute, or None if it is absent; whole numbers are taken as text."""
    value = event.get(name)
    if type(value) is str and value:
        return value
    if value is None:
        return None
    if type(value) is int:
        return str(value)
    raise _wrong(value, field or name, "Send a text that is not empty, or leave it out.")


def _number(event: dict[str, Any], name: str) -> int | None:
    """Give the whole number of an attribute, or None if it is absent."""
    value = event.get(name)
    if value is None:
        return None
    if (
        type(value) is str
        and value.isascii()
        and value.isdecimal()
        and len(value) < len("2147483648")
    ):
        value = int(value)
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise _wrong(value, name, f"Send a whole number from 0 to {LARGEST_NUMBER}.")
    return value


def _wrong(value: object, field: str, cure: str) -> Malformed:
    """Say that an attribute cannot be what it is."""
    return Malformed(code="invalid_attribute", field=field, value=value, cure=cure)
