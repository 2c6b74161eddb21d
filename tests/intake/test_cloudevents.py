"""CloudEvents in all their forms become deliveries."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from intake.cloudevents import read_binary, read_document, read_lines
from intake.delivery import Delivery
from intake.lines import LineSplitter, lines_of
from tests.intake.events import delivered, event


def one(document: object) -> Delivery:
    (parsed,) = read_document(json.dumps(document).encode())
    assert isinstance(parsed, Delivery), parsed
    return parsed


def problem(document: object) -> Malformed:
    (parsed,) = read_document(json.dumps(document).encode())
    assert isinstance(parsed, Malformed)
    return parsed


def test_attributes_and_extensions_are_mapped():
    fact = one(
        event(
            "LandAwarded",
            "XM-17#3",
            {"parcel_id": "A", "evidence": [{"id": "e", "title": "t", "sha256": "0" * 64}]},
            time="2024-06-12T09:00:00+08:00",
            reason="late entry",
            expectedversion=4,
            corrects="source:approval/XM-1",
            batchid="b1",
            rowno="7",
        )
    )

    assert (fact.system, fact.record_id, fact.record_version) == ("approval", "XM-17", "3")
    assert (fact.subject, fact.occurred_on) == ("project/p1", "2024-06-11")
    assert (fact.reason, fact.expected_version, fact.batch_id, fact.row_no) == (
        "late entry",
        4,
        "b1",
        7,
    )
    assert fact.corrects == "source:approval/XM-1"
    assert fact.payload == {"parcel_id": "A"}
    assert fact.evidence[0]["id"] == "e"


def test_extensions_may_stand_for_the_two_parts_of_the_id():
    fact = one(delivered("anything#at-all", recordid="R#1", recordversion=12))

    assert (fact.record_id, fact.record_version) == ("R#1", "12")


def test_the_source_time_is_the_version_unless_it_is_the_date():
    time = "2024-06-12T09:00:00+08:00"
    stated = one(delivered(time=time))
    unstated = one({k: v for k, v in delivered(time=time).items() if k != "occurredon"})

    assert (stated.occurred_on, stated.record_version) == ("2024-06-11", time)
    assert (unstated.occurred_on, unstated.record_version) == (time, None)


def test_fractions_are_read_from_their_text():
    (fact,) = read_document(
        b'{"specversion":"1.0","type":"LandAwarded","source":"/sources/land","id":"1",'
        b'"occurredon":"2024","data":{"area_mu":0.1000000000000000055511151231257827}}'
    )

    assert isinstance(fact, Delivery)
    assert fact.payload["area_mu"] == Decimal("0.1000000000000000055511151231257827")


def test_received_at_is_an_instant():
    fact = one(delivered(receivedat="2024-06-12T09:00:00+08:00"))

    assert fact.received_at == datetime(2024, 6, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"specversion": "0.3"}, "invalid_attribute", "specversion"),
        ({"specversion": None}, "missing_field", "specversion"),
        ({"type": None}, "missing_field", "type"),
        ({"id": None}, "missing_field", "id"),
        ({"id": ""}, "invalid_attribute", "id"),
        ({"id": "a\nb"}, "invalid_attribute", "id"),
        ({"source": None}, "missing_field", "source"),
        ({"source": "https://example.org/"}, "invalid_attribute", "source"),
        ({"source": "/sources/"}, "invalid_attribute", "source"),
        ({"occurredon": None}, "missing_field", "occurredon"),
        ({"occurredon": {"year": 2024}}, "invalid_attribute", "occurredon"),
        ({"expectedversion": -1}, "invalid_attribute", "expectedversion"),
        ({"expectedversion": "four"}, "invalid_attribute", "expectedversion"),
        ({"expectedversion": True}, "invalid_attribute", "expectedversion"),
        ({"receivedat": "yesterday"}, "invalid_date", "receivedat"),
        ({"time": "yesterday"}, "invalid_date", "time"),
        ({"time": "2024-06-12"}, "invalid_date", "time"),
        ({"data": []}, "invalid_attribute", "data"),
        ({"data": {"evidence": "letter"}}, "invalid_attribute", "data.evidence"),
        ({"record_id": "x"}, "extra_field", "record_id"),
    ],
)
def test_bad_attributes_are_named(change, code, field):
    refused = problem(delivered() | change)

    assert (refused.code, refused.field) == (code, field)
    assert refused.cure


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), ([None, 1], "[null, 1]"), ("", "")])
def test_a_value_at_fault_is_shown_as_it_was_sent(value, shown):
    assert problem(delivered(type=value)).value == shown


def test_foreign_extensions_are_ignored():
    assert one(delivered(traceparent="00-abc-def-01")).kind == "LandDelivered"


def test_a_batch_gives_each_event_its_own_result():
    parsed = list(read_document(json.dumps([delivered(), 7, delivered(id=None)]).encode()))

    assert isinstance(parsed[0], Delivery)
    assert [fact.code for fact in parsed[1:] if isinstance(fact, Malformed)] == [
        "not_an_event",
        "missing_field",
    ]


def test_bytes_that_are_not_utf8_spoil_only_their_event():
    body = json.dumps([delivered("a"), delivered("b", reason="X"), delivered("c")]).encode()

    parsed = list(read_document(body.replace(b'"X"', b'"\xff\xfe"')))

    assert [getattr(fact, "record_id", None) for fact in parsed] == ["a", None, "c"]
    assert isinstance(parsed[1], Malformed)
    assert parsed[1].code == "invalid_utf8"


def test_a_damaged_event_alone_is_refused():
    body = json.dumps(delivered(reason="X")).encode().replace(b'"X"', b'"\xff"')

    (parsed,) = read_document(body)

    assert isinstance(parsed, Malformed)
    assert parsed.code == "invalid_utf8"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'"text"', b"7", b"[1"])
def test_a_body_that_is_nothing_is_refused_as_a_whole(body):
    with pytest.raises(Malformed):
        list(read_document(body))


def test_lines_are_read_one_by_one():
    lines = b"\n".join([json.dumps(delivered()).encode(), b"", b"{oops", b'{"\xff":1}', b"[]"])

    parsed = list(read_lines(lines_of([lines])))

    assert isinstance(parsed[0], Delivery)
    assert [fact.code for fact in parsed[1:] if isinstance(fact, Malformed)] == [
        "invalid_json",
        "invalid_utf8",
        "not_an_event",
    ]


@given(
    st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line), max_size=8),
    st.lists(st.integers(1, 7), min_size=1, max_size=40),
)
def test_lines_do_not_depend_on_how_the_stream_is_cut(lines, sizes):
    data = b"\n".join(lines)
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start : start + size])
        start += size
    pieces.append(data[start:])

    assert list(lines_of(pieces)) == [line for line in lines if line.strip()]


def test_a_line_without_end_is_reported_once_and_not_kept():
    splitter = LineSplitter(longest=10)
    seen = [found for _ in range(100) for found in splitter.feed(b"x" * 8)]
    seen += splitter.feed(b"\nshort\n")

    assert isinstance(seen[0], Malformed)
    assert seen[0].code == "event_too_large"
    assert seen[1:] == [b"short"]


def sdk_event() -> CloudEvent:
    return CloudEvent(
        attributes={
            "type": "LandDelivered",
            "source": "/sources/land",
            "id": "L-1#2",
            "subject": "code:2407-320582-89-01-729324",
            "time": datetime(2024, 6, 12, 1, tzinfo=UTC),
            "occurredon": "2024-06-11",
            "reason": "交地确认 100%",
        },
        data={"parcel_id": "2024-A-7"},
    )


def test_the_official_sdk_is_understood_structured():
    message = to_structured(sdk_event(), JSONFormat())

    (fact,) = read_document(message.body)

    assert isinstance(fact, Delivery)
    assert (fact.record_id, fact.record_version) == ("L-1", "2")
    assert fact.reason == "交地确认 100%"
    assert fact.payload == {"parcel_id": "2024-A-7"}


def test_the_official_sdk_is_understood_binary():
    message = to_binary(sdk_event(), JSONFormat())

    fact = read_binary({k.lower(): v for k, v in message.headers.items()}, message.body)

    assert isinstance(fact, Delivery), fact
    assert fact.subject == "code:2407-320582-89-01-729324"
    assert fact.reason == "交地确认 100%"
    assert fact.payload == {"parcel_id": "2024-A-7"}


HEADERS = {
    "ce-specversion": "1.0",
    "ce-type": "LandDelivered",
    "ce-source": "/sources/approval",
    "ce-id": "d1",
    "ce-occurredon": "2024-06-11",
}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("%E4%BA%A4%E5%9C%B0", "交地"),
        ("100%25", "100%"),
        ('"late entry"', "late entry"),
        ('"a \\"late\\" entry"', 'a "late" entry'),
    ],
)
def test_headers_may_be_percent_encoded_or_quoted(written, read):
    fact = read_binary({**HEADERS, "ce-reason": written}, b"{}")

    assert isinstance(fact, Delivery), fact
    assert fact.reason == read


@pytest.mark.parametrize("written", ["%FF%FE", "交".encode().decode("latin-1"), "é"])
def test_headers_that_no_two_programs_read_alike_are_refused(written):
    refused = read_binary({**HEADERS, "ce-reason": written}, b"{}")

    assert isinstance(refused, Malformed)
    assert (refused.code, refused.field) == ("invalid_attribute", "reason")


def test_an_event_nested_too_deeply_spoils_no_other():
    deep = b"[" * 5_000 + b"]" * 5_000
    whole = json.dumps(delivered()).encode()
    tricky = json.dumps(delivered("d2", reason='] , "}{[ \\')).encode()

    document = b"[ %b,{%b:%b} , %b, %b]" % (whole, b'"data"', deep, tricky, deep)

    first, nested, last, bare = read_document(document)

    assert isinstance(first, Delivery)
    assert isinstance(nested, Malformed)
    assert isinstance(last, Delivery)
    assert last.reason == '] , "}{[ \\'
    assert isinstance(bare, Malformed)


@pytest.mark.parametrize("data", [b"[" * 9_000, b"[1," + b"[" * 9_000, b'{"a":' * 9_000])
def test_what_is_nested_too_deeply_and_does_not_end_is_no_document(data):
    with pytest.raises(Malformed):
        list(read_document(data))


SAID = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2**33),
    st.sampled_from(["", " ", "1.0", "#", "R-1#", "R-1#2", "#2", "2024-06", "project/p1", "é"]),
    st.sampled_from(["2024-06-11T09:00:00+08:00", "2024-06-11T09:00", "/sources/approval", "/x"]),
    st.text(max_size=3),
    st.builds(lambda size: "a" * size, st.integers(198, 203)),
    st.dictionaries(st.sampled_from(["parcel_id", "evidence"]), st.lists(st.integers()).map(list)),
    st.just({"evidence": [{"id": "e", "title": "t", "sha256": "0" * 64}], "area_mu": 1.50}),
)
ATTRIBUTES = st.sampled_from(
    [
        *("specversion", "type", "source", "id", "subject", "time", "occurredon", "data"),
        *("datacontenttype", "dataschema", "recordversion", "reason", "Extra"),
    ]
)


@given(st.dictionaries(ATTRIBUTES, SAID, max_size=3), st.sets(ATTRIBUTES, max_size=1))
def test_a_line_is_read_as_a_document_is(changes, missing):
    attributes = delivered("R-1#2") | changes
    data = json.dumps({name: attributes[name] for name in attributes.keys() - missing}).encode()

    [line], [document] = read_lines([data]), read_document(data)

    assert told(line) == told(document)


def told(parsed: Delivery | Malformed) -> object:
    if isinstance(parsed, Malformed):
        return parsed.code, parsed.field, parsed.value, parsed.cure
    return parsed
