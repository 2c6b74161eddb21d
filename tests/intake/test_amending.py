"""Corrections and retractions find their target, and what hangs on it."""

import pytest

from tests.intake.events import delivered, event, registration
from tests.intake.receiving import (
    ACCEPTED,
    CORRECTED,
    DUPLICATE,
    QUARANTINED,
    REJECTED,
    received,
    rows,
    statuses,
)


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
