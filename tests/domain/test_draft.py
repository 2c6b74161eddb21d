import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from msgspec.structs import replace

from domain.draft import SOURCE_REVISION, Draft, prepare, source_key
from domain.envelope import LARGEST_BODY, Actor, Evidence, Source, read_event
from domain.errors import Malformed
from domain.kinds import KINDS, fits, person_names
from domain.person_name import seal, with_names
from domain.versions import version_key
from tests.domain.examples import SALT, arguments, drafted, identifier, recorded, stored


def refusal(kind: str, **changes: Any) -> Malformed:
    with pytest.raises(Malformed) as refused:
        prepare(**arguments(kind, **changes))
    return refused.value


def payload_of(draft: Draft) -> Any:
    return json.loads(draft.body)["payload"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_is_canonical_and_holds_what_was_sent(kind: str) -> None:
    draft = drafted(kind)
    body = json.loads(draft.body)

    assert rfc8785.dumps(body) == draft.body
    assert body["evidence"] == []
    assert {"actor", "id", "occurred_on", "payload", "request_id", "source"} <= body.keys()
    assert body["schema_version"] == KINDS[kind].schema_version


@pytest.mark.parametrize("kind", KINDS)
def test_reading_what_was_written_gives_it_back(kind: str) -> None:
    event = recorded(drafted(kind))

    expected = with_names(KINDS[kind].example, person_names(kind), lambda _, name: seal(name, SALT))
    assert event.payload == expected
    assert (event.kind, event.occurred_on.text) == (kind, arguments(kind)["occurred_on"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_content_has_the_same_digest_whoever_sends_it_when(kind: str) -> None:
    one = drafted(kind)
    other = drafted(
        kind,
        id=identifier(2),
        actor=Actor("other", "town", "clerk", name="李某"),
        source=Source("approval", "XM-18", "5"),
        request_id="request-2",
        salts=lambda: bytes(32),
        evidence=[Evidence("doc", "Certificate", "0" * 64)],
    )

    assert one.content_digest == other.content_digest
    assert len(one.content_digest) == sha256().digest_size


def test_another_date_payload_or_stream_has_another_digest() -> None:
    one = drafted("Commissioned")

    for changes in (
        {"occurred_on": "2024-06-12"},
        {"payload": {"verified": False}},
        {"stream": "project/two"},
    ):
        assert drafted("Commissioned", **changes).content_digest != one.content_digest


def test_a_name_is_sealed_and_kept_aside() -> None:
    draft = drafted("MilestonePlanned", actor=Actor("7", "DRC", "officer", name="张三"))

    assert [(name.path, name.value) for name in draft.names] == [
        (("payload", "responsible_person"), "王某"),
        (("actor", "name"), "张三"),
    ]
    for name in draft.names:
        assert name.commitment == seal(name.value, name.salt)
        assert name.commitment.encode() in draft.body
        assert name.value.encode() not in draft.body


def test_a_name_inside_a_correction_is_sealed() -> None:
    plan = KINDS["MilestonePlanned"].example | {"responsible_person": "李四"}

    for corrected_kind in ("MilestonePlanned", "EventCorrected", None):
        draft = drafted("EventCorrected", payload={"payload": plan}, corrected_kind=corrected_kind)
        assert [name.path for name in draft.names] == [("payload", "payload", "responsible_person")]
        assert "李四".encode() not in draft.body
        other = drafted("EventCorrected", payload={"payload": plan}, salts=lambda: bytes(32))
        assert other.content_digest == draft.content_digest


def test_a_name_in_an_unchecked_correction_is_still_text() -> None:
    for wrong in (5, "hmac-sha256:00"):
        error = refusal("EventCorrected", payload={"payload": {"responsible_person": wrong}})
        assert error.field == "payload.payload.responsible_person"


def test_a_replacement_is_checked_as_the_kind_it_replaces() -> None:
    error = refusal("EventCorrected", payload={"payload": {"a": 1}}, corrected_kind="LandAwarded")
    fits = drafted(
        "EventCorrected",
        payload={"payload": {"verified": False}},
        corrected_kind="Commissioned",
    )

    assert (error.code, error.field) == ("missing_field", "payload.payload.parcel_id")
    assert payload_of(fits) == {"payload": {"verified": False}}


def test_a_target_is_lifted_out_of_the_payload() -> None:
    draft = drafted("EventRetracted", corrects=None, payload={"target": identifier(5)})

    assert draft.corrects == identifier(5)
    assert json.loads(draft.body)["corrects"] == identifier(5)
    assert payload_of(draft) == {}


@pytest.mark.parametrize(
    ("kind", "changes", "code", "field"),
    [
        ("Nothing", {}, "unknown_kind", "kind"),
        ("Commissioned", {"stream": "project/ one"}, "invalid_stream", "stream"),
        ("Commissioned", {"stream": "projects/one"}, "invalid_stream", "stream"),
        ("Commissioned", {"stream": "list/one"}, "wrong_stream", "stream"),
        ("TargetSet", {"stream": "project/one"}, "wrong_stream", "stream"),
        ("Commissioned", {"occurred_on": "2024-02-30"}, "invalid_date", "occurred_on"),
        ("Commissioned", {"occurred_on": 2024}, "wrong_type", "occurred_on"),
        ("InvestmentReported", {"occurred_on": "2024-06-30"}, "invalid_date", "occurred_on"),
        ("OperatingResultReported", {"occurred_on": "2024-06"}, "invalid_date", "occurred_on"),
        ("MilestoneReplanned", {"reason": None}, "missing_reason", "reason"),
        ("ListingAmended", {"reason": "  "}, "missing_reason", "reason"),
        ("Commissioned", {"reason": "因" * 2001}, "invalid_value", "reason"),
        ("EventRetracted", {"corrects": None}, "missing_field", "corrects"),
        ("EventRetracted", {"corrects": "XM-17"}, "invalid_value", "corrects"),
        (
            "EventRetracted",
            {"payload": {"target": 5}, "corrects": None},
            "invalid_value",
            "corrects",
        ),
        (
            "EventRetracted",
            {"payload": {"target": identifier(5)}},
            "invalid_value",
            "payload.target",
        ),
        ("EventRetracted", {"payload": None}, "wrong_type", "payload"),
        ("Commissioned", {"corrects": identifier(5)}, "extra_field", "corrects"),
        ("Commissioned", {"source": Source("a/b", "1")}, "invalid_source", "source.system"),
        ("Commissioned", {"source": Source("a", " ")}, "missing_field", "source.record_id"),
        ("Commissioned", {"source": Source("a", "1" * 201)}, "invalid_value", "source.record_id"),
        (
            "Commissioned",
            {"source": Source("a", "1", "")},
            "missing_field",
            "source.record_version",
        ),
        (
            "Commissioned",
            {"evidence": [Evidence("a", "b", "c")]},
            "invalid_value",
            "evidence.0.sha256",
        ),
        (
            "Commissioned",
            {"evidence": [Evidence("", "b", "0" * 64)]},
            "missing_field",
            "evidence.0.id",
        ),
        ("Commissioned", {"reason": "\ud800"}, "invalid_text", "reason"),
    ],
)
def test_a_wrong_envelope_is_refused_by_code_and_field(
    kind: str, changes: dict[str, Any], code: str, field: str
) -> None:
    given = arguments("Commissioned" if kind == "Nothing" else kind, **changes) | {"kind": kind}

    with pytest.raises(Malformed) as refused:
        prepare(**given)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.cure


def test_a_fact_fits_an_entry_of_the_log() -> None:
    documents = [
        Evidence(f"{n}", "页" * 100, "0" * 64, "https://example.org/" + "x" * 400)
        for n in range(100)
    ]

    error = refusal("Commissioned", evidence=documents)

    assert (error.code, error.field) == ("event_too_large", "payload")
    assert len(stored(drafted("Commissioned", evidence=documents[:70]))) < LARGEST_BODY


def test_a_draft_knows_its_record_and_its_version() -> None:
    draft = drafted("Commissioned", source=Source("approval", "XM-17", "10"), expected_version=4)

    assert draft.source_key == source_key("approval", "XM-17") == "approval/XM-17"
    assert draft.record_version == "10"
    assert draft.version_key == version_key("10")
    assert draft.expected_version == 4
    assert drafted("Commissioned").version_key is None


def test_a_stream_gets_its_aliases_and_mentions() -> None:
    assert drafted("ProjectRegistered").aliases == ("source:approval/XM-17",)
    assert drafted("ProjectCodeAssigned").aliases == ("code:2407-320582-89-01-729324",)
    assert drafted("ProjectListed").mentions == ("list/ZJG-2024-municipal",)
    assert drafted("Commissioned").aliases == drafted("Commissioned").mentions == ()


def test_a_newer_version_becomes_a_correction_of_the_fact() -> None:
    plan = drafted("MilestonePlanned", actor=Actor("7", "DRC", "officer", name="张三"))

    revision = plan.as_revision(identifier(5), id=identifier(6), decided_on="2024-07-01")
    event = recorded(revision)

    assert event.kind == "EventCorrected"
    assert (event.id, event.corrects) == (identifier(6), identifier(5))
    assert event.reason == SOURCE_REVISION
    assert event.occurred_on.text == "2024-07-01"
    assert event.payload == {"payload": payload_of(plan), "occurred_on": "2024-06-11"}
    assert [name.path for name in revision.names] == [
        ("payload", "payload", "responsible_person"),
        ("actor", "name"),
    ]
    assert rfc8785.dumps(json.loads(revision.body)) == revision.body
    assert (
        replace(
            revision, id=plan.id, kind=plan.kind, body=plan.body, corrects=None, names=plan.names
        )
        == plan
    )


def test_a_newer_version_of_a_correction_replaces_what_it_says() -> None:
    correction = drafted("EventCorrected", payload={"occurred_on": "2024-06-20"})

    revision = correction.as_revision(identifier(5), id=identifier(6), decided_on="2024-07-01")
    event = read_event(1, stored(revision), None)

    assert event.corrects == identifier(5)
    assert event.payload == {"occurred_on": "2024-06-20"}
    assert event.occurred_on.text == "2024-06-11"


def test_every_name_in_a_team_is_sealed() -> None:
    draft = drafted("StewardAssigned")

    assert [(name.path, name.value) for name in draft.names] == [
        (("payload", "lead_officer"), "陈某"),
        (("payload", "team", "0", "officer"), "陆某"),
    ]
    assert "某" not in draft.body.decode()
    assert fits("StewardAssigned", payload_of(draft))
    visit = drafted("SiteVisitLogged")
    assert [name.path[1:] for name in visit.names] == [("officers", "0"), ("officers", "1")]


def test_the_names_in_a_correction_of_a_fact_not_seen_yet_are_sealed() -> None:
    whole = KINDS["StewardAssigned"].example
    draft = drafted("EventCorrected", payload={"payload": whole})

    assert {name.path for name in draft.names} == {
        ("payload", "payload", "lead_officer"),
        ("payload", "payload", "team", "0", "officer"),
    }
    assert "某" not in draft.body.decode()


def test_names_are_sealed_as_far_as_a_correction_has_the_places() -> None:
    odd = {"team": "nobody", "officers": [], "lead_officer": "陈某"}
    draft = drafted("EventCorrected", payload={"payload": odd})

    assert [name.path for name in draft.names] == [("payload", "payload", "lead_officer")]


@pytest.mark.parametrize(
    ("kind", "stream", "change", "code", "field"),
    [
        ("StewardAssigned", "project/one", {"to": "2023-12-31"}, "invalid_date", "payload.to"),
        ("StewardAssigned", "project/one", {"scope": "enterprise"}, "wrong_scope", "payload.scope"),
        ("StewardAssigned", "enterprise/one", {}, "wrong_scope", "payload.scope"),
        ("IssueRaised", "enterprise/one", {}, "wrong_stream", "stream"),
        ("JointReviewHeld", "project/one", {}, "wrong_stream", "stream"),
    ],
)
def test_a_fact_fits_its_stream_and_its_date(
    kind: str, stream: str, change: dict[str, Any], code: str, field: str
) -> None:
    error = refusal(kind, stream=stream, payload=KINDS[kind].example | change)

    assert (error.code, error.field) == (code, field)
    assert error.cure


def test_service_is_given_to_enterprises_too() -> None:
    payload = KINDS["StewardAssigned"].example | {"scope": "enterprise"}

    assert drafted("StewardAssigned", stream="enterprise/E1", payload=payload).kind
    assert drafted("RequestReceived", stream="enterprise/E1").kind


def test_a_meeting_is_indexed_for_every_project_it_was_about() -> None:
    payload = KINDS["JointReviewHeld"].example | {"projects": ["P1", "P2"]}

    assert drafted("JointReviewHeld", payload=payload).mentions == ("project/P1", "project/P2")
