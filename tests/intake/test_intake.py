"""Every delivery gets its receipt, whatever its neighbours are like."""

import asyncio
import json
from typing import Any

import pytest

from domain.envelope import Actor
from domain.receipt import Status
from intake.cloudevents import read_document
from intake.grant import Grant, Right
from tests.intake.conftest import EVERYTHING, STEWARD
from tests.intake.events import delivered, event, registration
from tests.intake.receiving import (
    ACCEPTED,
    CORRECTED,
    DUPLICATE,
    QUARANTINED,
    REJECTED,
    SUPERSEDED,
    received,
    rows,
    statuses,
)


def test_a_fact_is_accepted_and_again_a_duplicate(open_intake):
    first, again = received(open_intake, [registration()], [registration()])

    assert (first.status, first.position) == (ACCEPTED, 1)
    assert (again.status, again.event_id, again.position) == (DUPLICATE, first.event_id, 1)


def test_a_higher_version_corrects_and_a_lower_is_superseded_and_kept(open_intake, database):
    receipts = received(
        open_intake,
        [registration()],
        [delivered("d#2")],
        [delivered("d#10", occurredon="2024-06-12")],
        [delivered("d#1", occurredon="2024-06-10")] * 2,
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, CORRECTED, SUPERSEDED, SUPERSEDED]
    assert rows(database, "SELECT record_version FROM ledger.superseded") == [("1",)]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (event("ProjectVanished", "x"), "unknown_kind"),
        (event("LandDelivered", "x", {}), "missing_field"),
        (event("LandDelivered", "x", {"parcel_id": "a", "parcel": "b"}), "extra_field"),
        (delivered("x", occurredon="2024-02-30"), "invalid_date"),
        (delivered("x", subject="code:2413-320582-89-01-729324"), "invalid_project_code"),
        (delivered("x", subject="code:1"), "invalid_project_code"),
        (delivered("x", subject="list/a"), "wrong_subject"),
        (delivered("x", subject="moon/a"), "invalid_subject"),
        (delivered("x", subject=None), "missing_field"),
        (delivered("x", expectedversion=7), "stale_version"),
        (delivered("x", reason="r" * 3000), "invalid_value"),
        (event("LandDelivered", "x", {"parcel_id": "a" * 70_000}), None),
        (event("EventRetracted", "x", corrects="source:approval/r1"), "missing_reason"),
        (event("EventRetracted", "x", reason="why"), "missing_field"),
        (event("EventRetracted", "x", reason="why", corrects="soon"), "invalid_target"),
        (
            event(
                "EventCorrected",
                "x",
                {"payload": {"title": 7}},
                reason="why",
                corrects="source:approval/r1",
            ),
            None,
        ),
    ],
)
def test_what_is_wrong_is_rejected_and_hurts_no_neighbour(open_intake, bad, code):
    receipts = received(open_intake, [registration(), bad, delivered()])

    assert statuses(receipts) == [ACCEPTED, REJECTED, ACCEPTED]
    assert receipts[1].code == (code or receipts[1].code)
    assert receipts[1].code
    assert receipts[1].cure


def test_other_content_under_the_same_key_is_rejected(open_intake):
    *_, receipt = received(
        open_intake, [registration(), delivered("d#1"), delivered("d#1", occurredon="2024-05")]
    )

    assert (receipt.status, receipt.code) == (REJECTED, "duplicate_key_other_content")


def test_other_content_without_a_version_is_quarantined(open_intake, database):
    receipts = received(
        open_intake, [registration(), delivered("d"), delivered("d", occurredon="2024-05")]
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, QUARANTINED]
    assert rows(database, "SELECT code, waiting_for FROM ledger.quarantine") == [
        ("version_conflict", None)
    ]


def test_the_future_is_quarantined_and_a_coarse_present_is_not(open_intake, database):
    receipts = received(
        open_intake,
        [
            registration(),
            delivered("a", occurredon="2025-01-01"),
            delivered("b", occurredon="2024-12"),
            delivered("c", occurredon="2024-12-31"),
        ],
        [delivered("a", occurredon="2025-01-01")],
    )

    assert statuses(receipts) == [ACCEPTED, QUARANTINED, ACCEPTED, ACCEPTED, QUARANTINED]
    assert rows(database, "SELECT code, field FROM ledger.quarantine") == [
        ("future_fact", "occurred_on")
    ]


def test_what_lies_before_all_projects_is_quarantined_and_the_first_year_is_not(
    open_intake, database
):
    receipts = received(
        open_intake,
        [
            registration(occurredon="1949"),
            delivered("a", occurredon="1949-01-01"),
            delivered("b", occurredon="1948-12-31"),
            delivered("c", occurredon="0001"),
            event(
                "EventCorrected",
                "e",
                {"occurred_on": "1024-06-11"},
                corrects="source:approval/a",
                reason="typed wrongly",
            ),
        ],
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, QUARANTINED, QUARANTINED, QUARANTINED]
    assert rows(database, "SELECT code, field, value, cure <> '' FROM ledger.quarantine") == [
        ("ancient_fact", "occurred_on", "1948-12-31", True),
        ("ancient_fact", "occurred_on", "0001", True),
        ("ancient_fact", "payload.occurred_on", "1024-06-11", True),
    ]


def test_a_fact_of_an_unknown_project_waits_and_follows_by_itself(open_intake, database):
    receipts = received(
        open_intake,
        [delivered("d", subject="code:2407-320582-89-01-729324")],
        [delivered("d", subject="code:2407-320582-89-01-729324")],
        [registration()],
        [event("ProjectCodeAssigned", "c", {"code": "2407-320582-89-01-729324"})],
        [delivered("d", subject="code:2407-320582-89-01-729324")],
    )

    assert statuses(receipts) == [QUARANTINED, QUARANTINED, ACCEPTED, ACCEPTED, DUPLICATE]
    assert receipts[0].code == "unknown_project"
    assert rows(database, "SELECT decision, status, position FROM ledger.quarantine_decisions") == [
        ("released", "accepted", 3)
    ]


@pytest.mark.parametrize("before", [True, False])
def test_a_registration_in_the_same_call_makes_the_subject(open_intake, before):
    facts = [registration("r", subject=None), delivered("d", subject="source:approval/r")]

    receipts = received(open_intake, facts if before else facts[::-1])

    assert statuses(receipts) == [ACCEPTED, ACCEPTED]


def test_a_registration_without_a_subject_makes_one_project_however_often(open_intake, database):
    received(open_intake, [registration("r", subject=None)] * 2, [registration("r", subject=None)])

    assert rows(database, "SELECT count(*), count(DISTINCT stream) FROM ledger.events") == [(1, 1)]


def test_a_registration_that_was_taken_back_is_made_again_for_the_same_project(
    open_intake, database
):
    first = registration("r#1", subject=None)
    retraction = event("EventRetracted", "x", reason="not yet", corrects="source:approval/r")
    again = registration("r#2", subject=None)

    receipts = received(open_intake, [first], [retraction | {"subject": None}], [again])

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, CORRECTED]
    assert rows(database, "SELECT count(DISTINCT stream) FROM ledger.events") == [(1,)]


def test_what_waited_and_is_held_back_for_another_reason_is_kept_once(open_intake, database):
    receipts = received(
        open_intake,
        [delivered("d", subject="source:land/L-7")],
        [registration(), delivered("d")],
        [registration("r2", subject="source:land/L-7")],
    )

    assert statuses(receipts) == [QUARANTINED, ACCEPTED, ACCEPTED, ACCEPTED]
    kept = "SELECT q.code, d.decision FROM ledger.quarantine AS q"
    kept += " LEFT JOIN ledger.quarantine_decisions AS d USING (number) ORDER BY number"
    assert rows(database, kept) == [("unknown_project", "replaced"), ("subject_conflict", None)]


def test_concurrent_registrations_of_one_record_make_one_project(open_intake, database):
    async def send() -> list[Status]:
        call = list(read_document(json.dumps([registration("r", subject=None)]).encode()))
        async with open_intake() as one, open_intake() as two:
            calls = [intake.receive(call, EVERYTHING) for intake in (one, two) * 4]
            return [receipt.status for (receipt,) in await asyncio.gather(*calls)]

    found = asyncio.run(send())

    assert sorted(found) == [ACCEPTED] + [DUPLICATE] * 7
    assert rows(database, "SELECT count(DISTINCT stream) FROM ledger.events") == [(1,)]


def test_an_alias_used_to_register_stays_an_alias(open_intake):
    receipts = received(
        open_intake,
        [registration("r", subject="source:land/L-7")],
        [delivered("d", subject="source:land/L-7")],
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED]


def test_a_token_does_only_what_it_may(open_intake):
    actor = Actor(id="feed", org="Land office", role="system")
    grant = Grant(
        actor, frozenset({Right.APPEND}), frozenset({"land"}), frozenset({"LandDelivered"})
    )
    receipts = received(
        open_intake,
        [
            delivered("d"),
            registration("r", source="/sources/land"),
            event("EventRetracted", "x", reason="why", source="/sources/land"),
            event("LedgerOpened", "o", source="/sources/land"),
            delivered("d", source="/sources/land", actorid="mayor"),
            delivered("d", source="/sources/land"),
        ],
        grant=grant,
    )

    assert [receipt.code for receipt in receipts] == [
        "source_not_allowed",
        "forbidden",
        "forbidden",
        "forbidden",
        "forbidden",
        "unknown_project",
    ]
    assert statuses(receipts)[:5] == [REJECTED] * 5


def test_a_token_for_some_kinds_may_correct_if_it_has_that_right(open_intake):
    rights = frozenset({Right.APPEND, Right.CORRECT})
    grant = Grant(STEWARD, rights, kinds=frozenset({"LandDelivered"}))
    corrected = {"payload": {"parcel_id": "2024-A-8"}}

    receipts = received(open_intake, [registration()]) + received(
        open_intake,
        [delivered("d")],
        [event("EventCorrected", "k", corrected, reason="typing", corrects="source:approval/d")],
        [event("PremisesSecured", "s")],
        grant=grant,
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, ACCEPTED, REJECTED]
    assert receipts[-1].code == "forbidden"


def test_names_in_the_quarantine_can_be_erased(open_intake, database):
    plan = {
        "plan_id": "m1",
        "node": "construction_started",
        "planned": "2024-09",
        "responsible_unit": "Land office",
        "responsible_person": "李四",
    }
    received(open_intake, [event("MilestonePlanned", "m", plan)])

    kept = rows(database, "SELECT delivery, actor::text FROM ledger.quarantine")
    assert "李四" not in kept[0][0].decode()
    assert "张三" not in kept[0][1]

    received(open_intake, [registration()])
    names = rows(
        database,
        "SELECT n.value FROM ledger.person_names n JOIN ledger.events e ON e.id = n.event"
        " WHERE e.kind = 'MilestonePlanned'",
    )
    assert sorted(names) == [("张三",), ("李四",)]


def test_what_a_crash_left_waiting_is_released_on_start(open_intake, database):
    received(open_intake, [delivered("d")])

    async def restart() -> int:
        async with open_intake() as other:
            # As if the process had died between this append and the release.
            other._freed = _nothing
            await other.receive(
                list(read_document(json.dumps(registration()).encode())), EVERYTHING
            )
        async with open_intake() as intake:
            return await intake.release_waiting()

    assert asyncio.run(restart()) == 1
    assert rows(database, "SELECT count(*) FROM ledger.events") == [(2,)]


def test_what_a_failed_call_left_waiting_is_released_by_the_next(open_intake, database):
    received(open_intake, [delivered("d")])

    async def fail_once() -> None:
        async with open_intake() as intake:
            whole, intake._freed = intake._freed, _lost
            with pytest.raises(ConnectionError):
                await intake.receive(_read(registration()), EVERYTHING)
            intake._freed = whole
            elsewhere = registration("r2", subject="project/p2")
            await intake.receive(_read(elsewhere), EVERYTHING)

    asyncio.run(fail_once())

    recorded = rows(database, "SELECT source_key FROM ledger.events ORDER BY 1")
    assert recorded == [("approval/d",), ("approval/r1",), ("approval/r2",)]


def _read(fact: dict[str, Any]) -> list[Any]:
    return list(read_document(json.dumps(fact).encode()))


async def _lost(*_: object) -> list[Any]:
    raise ConnectionError


async def _nothing(*_: object) -> list[Any]:
    return []
