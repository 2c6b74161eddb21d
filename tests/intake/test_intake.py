"""Every delivery gets its receipt, whatever its neighbours are like."""

import asyncio
import json
from typing import Any

import psycopg
import pytest

from domain.envelope import Actor
from domain.receipt import Receipt, Status
from intake.cloudevents import read_document
from intake.grant import Grant, Right
from tests.intake.conftest import EVERYTHING
from tests.intake.events import delivered, event, registration

ACCEPTED, DUPLICATE, CORRECTED = Status.ACCEPTED, Status.DUPLICATE, Status.CORRECTED
SUPERSEDED, QUARANTINED, REJECTED = Status.SUPERSEDED, Status.QUARANTINED, Status.REJECTED


def received(
    open_intake: Any, *calls: list[dict[str, Any]], grant: Grant = EVERYTHING
) -> list[Receipt]:
    """Send calls one after the other and give all receipts."""

    async def send() -> list[Receipt]:
        async with open_intake() as intake:
            return [
                receipt
                for call in calls
                for receipt in await intake.receive(
                    list(read_document(json.dumps(call).encode())), grant
                )
            ]

    return asyncio.run(send())


def statuses(receipts: list[Receipt]) -> list[Status]:
    return [receipt.status for receipt in receipts]


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


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


def test_an_ambiguous_alias_is_quarantined_until_one_claim_is_retracted(open_intake):
    code = {"code": "2407-320582-89-01-729324"}
    receipts = received(
        open_intake,
        [registration("r1"), registration("r2", subject="project/p2")],
        [event("ProjectCodeAssigned", "c1", code)],
        [event("ProjectCodeAssigned", "c2", code, subject="project/p2")],
        [delivered("d", subject=f"code:{code['code']}")],
        [event("EventRetracted", "x", reason="wrong project", corrects="source:approval/c1")],
        [delivered("d", subject=f"code:{code['code']}")],
    )

    assert statuses(receipts)[-3:] == [QUARANTINED, ACCEPTED, ACCEPTED]
    assert receipts[-3].code == "ambiguous_subject"


def test_a_code_that_was_corrected_names_the_project_no_more(open_intake):
    wrong, right = "2407-320582-89-01-729324", "2407-320582-89-01-729325"
    correction = {"payload": {"code": right}}
    receipts = received(
        open_intake,
        [registration("r1"), event("ProjectCodeAssigned", "c1", {"code": wrong})],
        [event("EventCorrected", "k", correction, reason="typing", corrects="source:approval/c1")],
        [delivered("d1", subject=f"code:{right}"), delivered("d2", subject=f"code:{wrong}")],
        [event("EventRetracted", "x", reason="it was right", corrects="source:approval/k")],
        [delivered("d3", subject=f"code:{right}"), delivered("d2", subject=f"code:{wrong}")],
    )

    assert statuses(receipts)[3:] == [ACCEPTED, QUARANTINED, ACCEPTED, QUARANTINED, DUPLICATE]


def test_a_retracted_registration_gives_no_name_even_if_it_was_revised(open_intake):
    receipts = received(
        open_intake,
        [registration("r1#1"), registration("r1#2", occurredon="2024-06-12")],
        [event("EventRetracted", "x", reason="wrong", corrects="source:approval/r1")],
        [delivered("d1", subject="source:approval/r1")],
    )

    assert statuses(receipts)[1:] == [CORRECTED, ACCEPTED, QUARANTINED]


def test_a_name_holds_again_when_its_retraction_is_taken_back(open_intake):
    code = {"code": "2407-320582-89-01-729324"}
    subject = f"code:{code['code']}"
    receipts = received(
        open_intake,
        [registration("r1"), event("ProjectCodeAssigned", "c1", code)],
        [event("EventRetracted", "x", reason="wrong", corrects="source:approval/c1")],
        [delivered("d1", subject=subject)],
        [event("EventRetracted", "y", reason="it was right", corrects="source:approval/x")],
        [delivered("d1", subject=subject), delivered("d2", subject=subject)],
        [event("EventRetracted", "z", reason="wrong", corrects="source:approval/y")],
        [delivered("d3", subject=subject)],
    )

    assert statuses(receipts)[3:] == [
        QUARANTINED,
        ACCEPTED,
        DUPLICATE,
        ACCEPTED,
        ACCEPTED,
        QUARANTINED,
    ]


@pytest.mark.parametrize(
    ("more", "payload", "answer"),
    [
        (
            {"corrects": "source:approval/d"},
            {"target": "source:approval/r1"},
            (REJECTED, "invalid_target", "payload.target"),
        ),
        ({}, {"target": ["d"]}, (REJECTED, "invalid_target", "corrects")),
        ({}, {"target": "source:approval/d"}, (ACCEPTED, None, None)),
        (
            {"corrects": "source:approval/i"},
            {"occurred_on": "2024-04-05"},
            (REJECTED, "invalid_date", "payload.occurred_on"),
        ),
        (
            {"corrects": "source:approval/d"},
            {"occurred_on": "2031-04-05"},
            (QUARANTINED, "future_fact", "payload.occurred_on"),
        ),
    ],
)
def test_an_amendment_names_one_target_and_a_date_that_its_fact_may_have(
    open_intake, more, payload, answer
):
    invested = {"basis": "reported", "ytd": {"yuan": 5}, "method": "progress"}
    payload = {"occurred_on": "2024-06-10"} | payload
    receipts = received(
        open_intake,
        [registration(), delivered("d")],
        [event("InvestmentReported", "i", invested, occurredon="2024-03")],
        [event("EventCorrected", "k", payload, reason="typing error", **more)],
    )

    assert (receipts[-1].status, receipts[-1].code, receipts[-1].field) == answer


def test_amendments_name_their_target_by_source_record(open_intake, database):
    receipts = received(
        open_intake,
        [registration(), delivered("d")],
        [
            event(
                "EventCorrected",
                "k",
                {"occurred_on": "2024-06-10"},
                reason="typing error",
                corrects="source:approval/d",
                subject=None,
            )
        ],
    )

    assert statuses(receipts) == [ACCEPTED] * 3
    assert rows(
        database,
        "SELECT c.stream = t.stream FROM ledger.events c JOIN ledger.events t ON t.id = c.corrects",
    ) == [(True,)]


def test_amendments_before_their_target_wait_and_follow(open_intake, database):
    retraction = event(
        "EventRetracted", "x", reason="entered by mistake", corrects="source:approval/d"
    )
    reversal = event("EventRetracted", "y", reason="it was right", corrects="source:approval/x")

    receipts = received(open_intake, [reversal], [retraction, delivered("d")], [registration()])

    assert statuses(receipts) == [QUARANTINED] * 3 + [ACCEPTED]
    assert rows(database, "SELECT kind FROM ledger.events ORDER BY position") == [
        ("ProjectRegistered",),
        ("LandDelivered",),
        ("EventRetracted",),
        ("EventRetracted",),
    ]


def test_a_retraction_of_an_event_not_here_yet_waits_in_its_stream(open_intake):
    unknown = "01900000-0000-7000-8000-000000000001"

    receipts = received(
        open_intake,
        [registration()],
        [event("EventRetracted", "x", reason="why", corrects=unknown)],
        [event("EventRetracted", "y", reason="why", corrects=unknown, subject="project/none")],
        [event("EventCorrected", "z", {"payload": {"a": 1}}, reason="why", corrects=unknown)],
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, QUARANTINED, QUARANTINED]
    assert receipts[-1].code == "unknown_target"


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
        " WHERE e.kind = 'MilestonePlanned' ORDER BY 1",
    )
    assert names == [("张三",), ("李四",)]


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


async def _nothing(*_: object) -> list[Any]:
    return []
