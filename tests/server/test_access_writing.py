"""A token limited to regions writes there, and what lies beyond is as if it were not."""

import json
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest

from server.operator import OPERATOR
from tests.server.town import (
    HERE,
    OPEN,
    SOURCE,
    THERE,
    UNKNOWN,
    Town,
    desk,
    event,
    registered,
    signed,
    town,
)

__all__ = ["desk", "town"]

REGISTER = "项目代码,实际开工时间\n2407-320582-89-01-729324,2024-06-11\n"


def test_what_is_sent_about_a_project_elsewhere_is_answered_as_if_there_were_none(
    town: Town, desk: dict[str, str]
) -> None:
    here, there, nowhere = town.send(
        desk,
        signed("A-1", "source:drc/HERE"),
        signed("A-2", "source:drc/THERE"),
        signed("A-3", "source:drc/NOWHERE"),
    )

    assert here["status"] == "accepted"
    assert (there["status"], there["code"]) == UNKNOWN
    assert there["cure"] == nowhere["cure"]
    assert there.keys() == nowhere.keys()


def test_a_barred_fact_stays_out_until_somebody_who_may_lets_it_in(
    town: Town, desk: dict[str, str]
) -> None:
    town.send(desk, signed("B-1", "source:drc/THERE"), signed("B-2", "source:drc/LATER"))
    everybody = town.token(OPERATOR)

    town.send(everybody, registered("LATER", THERE))

    waiting = dict(town.rows(OPEN))
    assert {"desk/B-1", "desk/B-2"} <= waiting.keys()
    assert not town.rows("SELECT FROM ledger.events WHERE source_key IN ('desk/B-1', 'desk/B-2')")
    release = (
        'mutation ($n: Int!) { releaseQuarantined(number: $n, reason: "checked") { decision } }'
    )
    mine = town.ask(release, desk, n=waiting["desk/B-1"])["data"]["releaseQuarantined"]
    assert mine["decision"] == "kept"
    theirs = town.ask(release, everybody, n=waiting["desk/B-1"])["data"]["releaseQuarantined"]
    assert theirs["decision"] == "released"


def test_what_waited_joins_by_itself_where_it_may(town: Town, desk: dict[str, str]) -> None:
    (receipt,) = town.send(desk, signed("C-1", "source:drc/SOON"))
    assert (receipt["status"], receipt["code"]) == UNKNOWN

    town.send(town.token(OPERATOR), registered("SOON", HERE))

    assert town.rows("SELECT FROM ledger.events WHERE source_key = 'desk/C-1'")


def test_what_waits_under_limits_waits_without_them_too_if_it_is_sent_so(
    town: Town, desk: dict[str, str]
) -> None:
    fact, everybody = signed("L-1", "source:drc/BEYOND"), town.token(OPERATOR)
    for sender in (desk, desk, everybody, everybody):
        (receipt,) = town.send(sender, fact)
        assert (receipt["status"], receipt["code"]) == UNKNOWN
    assert [key for key, _ in town.rows(OPEN)].count("desk/L-1") == 2

    town.send(everybody, registered("BEYOND", THERE))

    recorded = "SELECT count(*) FROM ledger.events WHERE source_key = 'desk/L-1'"
    assert town.rows(recorded) == [(1,)]


def test_a_record_that_told_of_a_project_elsewhere_tells_of_none_here(
    town: Town, desk: dict[str, str]
) -> None:
    town.send(town.token(OPERATOR), signed("M-1", "source:drc/THERE"))

    (receipt,) = town.send(desk, signed("M-1", "source:drc/HERE", id="M-1#2"))

    assert (receipt["status"], receipt["code"]) == UNKNOWN


def test_a_project_elsewhere_cannot_be_registered_anew_as_one_here(
    town: Town, desk: dict[str, str]
) -> None:
    ((there,),) = town.rows("SELECT stream FROM ledger.aliases WHERE alias = 'source:drc/THERE'")
    ours = registered("MINE", HERE, system="desk")

    (receipt,) = town.send(desk, {**ours, "subject": there})

    assert (receipt["status"], receipt["code"]) == UNKNOWN


def test_a_code_of_two_projects_elsewhere_is_told_as_that_of_none(
    town: Town, desk: dict[str, str]
) -> None:
    code, records = "2407-321102-89-01-000007", ("ONE", "OTHER")
    assigned = [
        event("ProjectCodeAssigned", f"C-{each}", {"code": code}, subject=f"source:drc/{each}")
        for each in records
    ]
    told = [*(registered(each, THERE) for each in records), *assigned]
    town.send(town.token(OPERATOR), *({**each, "source": "/sources/drc"} for each in told))
    ours = registered("THEIRS", HERE, system="desk")

    (receipt,) = town.send(desk, {**ours, "subject": f"code:{code}"})

    assert (receipt["status"], receipt["code"]) == UNKNOWN


def test_no_amendment_moves_a_project_out_of_the_regions_of_its_sender(
    town: Town, desk: dict[str, str]
) -> None:
    ours = registered("OURS", HERE, system="desk")
    away = {"payload": {**ours["data"], "district": THERE}}
    moved = {"changes": {"district": {"old": HERE, "new": THERE}}}
    assert town.send(desk, ours)[0]["status"] == "accepted"

    corrected, revised = town.send(
        desk,
        event("EventCorrected", "O-1", away, corrects="source:desk/OURS", reason="moved"),
        event("ProjectDetailsRevised", "O-2", moved, subject="source:desk/OURS"),
    )

    assert (corrected["code"], corrected["field"]) == (
        "region_not_allowed",
        "data.payload.district",
    )
    assert (revised["code"], revised["field"]) == (
        "region_not_allowed",
        "data.changes.district.new",
    )


@pytest.mark.parametrize(("kept", "gone"), [(HERE, THERE), (THERE, HERE)])
def test_a_fact_about_an_absorbed_project_lies_where_the_kept_one_does(
    town: Town, desk: dict[str, str], kept: str, gone: str
) -> None:
    everybody, names = town.token(OPERATOR), {f"KEPT-{kept}": kept, f"GONE-{gone}": gone}
    town.send(everybody, *(registered(name, place) for name, place in names.items()))
    keep, absorb = (
        town.rows(f"SELECT stream FROM ledger.aliases WHERE alias = 'source:drc/{name}'")[0][0]
        for name in names
    )
    link = {"kind": "project", "keep": keep, "absorb": [absorb], "basis": "twice"}
    link["confidence"] = "high"
    (linked,) = town.send(
        everybody, event("IdentitiesLinked", f"I-{kept}", link, system="drc", subject=keep)
    )
    assert linked["status"] == "accepted", linked

    (receipt,) = town.send(desk, signed(f"N-{kept}", absorb))

    is_here = receipt["status"] == "accepted"
    assert is_here if kept == HERE else (receipt["status"], receipt["code"]) == UNKNOWN


def test_a_source_corrects_its_own_facts_only(town: Town, desk: dict[str, str]) -> None:
    (own,) = town.send(desk, signed("D-1", "source:drc/HERE"))
    correction = {"occurred_on": "2024-05-07"}

    anothers, unheard, mine = town.send(
        desk,
        event("EventCorrected", "D-2", correction, corrects="source:drc/S-HERE", reason="typing"),
        event("EventCorrected", "D-3", correction, corrects="source:drc/S-NONE", reason="typing"),
        event("EventCorrected", "D-4", correction, corrects=own["event_id"], reason="typing"),
    )

    assert mine["status"] == "accepted", mine
    assert (anothers["status"], anothers["code"]) == ("quarantined", "unknown_target")
    assert {**anothers, "index": 0, "value": ""} == {**unheard, "index": 0, "value": ""}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (registered("E-1", THERE, system="desk"), "region_not_allowed"),
        (registered("E-2", HERE, system="drc"), "source_not_allowed"),
        (
            event(
                "ProjectDetailsRevised",
                "E-3",
                {"changes": {"district": {"old": HERE, "new": THERE}}},
                subject="source:drc/HERE",
                reason="moved",
            ),
            "region_not_allowed",
        ),
        (
            event(
                "QuotaMoved",
                "E-4",
                {"pool_id": "x", "resource": "energy_tce", "act": "credit", "quantity": "1"},
            ),
            "forbidden",
        ),
    ],
)
def test_what_a_token_may_not_send_is_refused_by_every_door(
    town: Town, desk: dict[str, str], sent: dict[str, Any], code: str
) -> None:
    lines = "\n".join([json.dumps(sent)] * 2)

    (batch,) = town.send(desk, sent)
    streamed = town.client.post(
        "/events", content=lines, headers={**desk, "Content-Type": "application/x-ndjson"}
    ).json()["receipts"]

    assert [receipt["code"] for receipt in (batch, *streamed)] == [code] * 3
    if code != "forbidden":
        mutation = """mutation ($type: String!, $id: String!, $stream: ID, $payload: JSON!,
            $system: String, $reason: String) { append(type: $type, recordId: $id, stream: $stream,
            occurredOn: "2024-05-06", payload: $payload, system: $system, reason: $reason)
            { status code } }"""
        answer = town.ask(
            mutation,
            desk,
            type=sent["type"],
            id="E-9",
            stream=sent.get("subject"),
            payload=sent["data"],
            system=sent["source"].removeprefix("/sources/"),
            reason=sent.get("reason"),
        )
        assert answer["data"]["append"]["code"] == code


def test_service_to_an_enterprise_is_written_where_it_is_given(
    town: Town, desk: dict[str, str]
) -> None:
    def received(record: str, **more: Any) -> dict[str, Any]:
        told = {
            "request_id": record,
            "enterprise": "91320582MA1XXXXX0K",
            "channel": "hotline",
            "category": "land",
            "text_digest": "用地手续",
            "urgency": "normal",
            **more,
        }
        return event("RequestReceived", record, told, subject="enterprise/91320582MA1XXXXX0K")

    def dispatched(record: str) -> dict[str, Any]:
        told = {
            "request_id": record,
            "to_department": "供电公司",
            "sign_due": "2024-05-07",
            "resolve_due": "2024-05-19",
        }
        subject = "enterprise/91320582MA1XXXXX0K"
        return event("RequestDispatched", f"{record}-D", told, subject=subject)

    receipts = town.send(
        desk,
        received("SQ-1", district=HERE),
        dispatched("SQ-1"),
        received("SQ-2", district=THERE),
        dispatched("SQ-2"),
    )

    assert [receipt.get("code") for receipt in receipts] == [
        None,
        None,
        "region_not_allowed",
        "unknown_project",
    ]
    assert town.send(desk, dispatched("SQ-1"))[0]["status"] == "duplicate"


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_a_register_is_written_by_its_own_source_only(
    town: Town, desk: dict[str, str], dry_run: str
) -> None:
    def sent(headers: dict[str, str]) -> Any:
        path = f"/registers?mapping=start-register&dry_run={dry_run}"
        answer = town.client.post(path, content=REGISTER.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    own = town.token(replace(SOURCE, systems=frozenset({"start-register"})))
    assert (sent(desk)["rejected"], sent(own)["quarantined"]) == (1, 1)


def test_what_waits_beyond_reach_was_denied_once_however_often_it_is_looked_at(
    town: Town, desk: dict[str, str]
) -> None:
    house = town.client.app.state.house
    town.send(desk, signed("W-1", "source:drc/THERE"))
    until = monotonic() + 10
    while len(house.denials):
        assert monotonic() < until
        sleep(0.1)

    assert town.client.portal.call(house.intake.release_waiting) >= 1

    assert not len(house.denials)
