import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.envelope import Evidence, Source, event_bytes, leaf_hash, read_event
from domain.errors import UnknownFormat
from domain.kinds import KINDS
from tests.domain.examples import drafted, identifier, stored

MOMENTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"),
    datetime.fromisoformat("2100-01-01"),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)


@given(
    st.sampled_from(sorted(KINDS)),
    MOMENTS,
    st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.integers(1, 2**50),
)
def test_the_stored_bytes_are_canonical_and_say_what_was_given(
    kind: str, moment: datetime, prev: str | None, version: int
) -> None:
    draft = drafted(kind)

    data = event_bytes(
        body=draft.body,
        kind=kind,
        prev=prev,
        recorded_at=moment,
        stream=draft.stream,
        version=version,
    )

    assert rfc8785.dumps(json.loads(data)) == data
    event = read_event(7, data, leaf_hash(data))
    assert (event.recorded_at, event.prev, event.version) == (moment, prev, version)
    assert (event.position, event.id, event.kind) == (7, draft.id, kind)
    assert event.leaf_hash == sha256(b"\0" + data).digest()


def test_the_time_of_recording_always_has_six_digits() -> None:
    data = event_bytes(
        body=b"{}",
        kind="Commissioned",
        prev=None,
        recorded_at=datetime(2024, 6, 11, 10, 3, 4, tzinfo=timezone(timedelta(hours=8))),
        stream='project/"张"',
        version=1,
    )

    assert (
        data
        == (
            '{"body":{},"format":1,"kind":"Commissioned","prev":null,'
            '"recorded_at":"2024-06-11T02:03:04.000000Z","stream":"project/\\"张\\"","version":1}'
        ).encode()
    )


def test_everything_of_the_envelope_comes_back() -> None:
    source = Source("approval", "XM-17", "3", "batch-1", 12)
    evidence = (Evidence("doc", "施工许可证", "0" * 64, "https://example.org/1", 2),)
    draft = drafted("EventRetracted", source=source, evidence=evidence, corrects=identifier(5))

    event = read_event(1, stored(draft), None)

    assert event.source == source
    assert event.evidence == evidence
    assert event.corrects == identifier(5)
    assert (event.reason, event.request_id) == ("checked on site", "request-1")
    assert event.leaf_hash is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"format":1}',
        b"\xff",
        stored(drafted("Commissioned")).replace(b'"format":1', b'"format":2'),
        stored(drafted("Commissioned")).replace(b'"schema_version":1', b'"schema_version":9'),
        stored(drafted("Commissioned")).replace(b'"version":1', b'"version":"1"'),
    ],
)
def test_bytes_of_another_format_are_a_hard_failure(data: bytes) -> None:
    with pytest.raises(UnknownFormat) as refused:
        read_event(1, data, None)

    assert refused.value.code == "unknown_format"
