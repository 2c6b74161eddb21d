"""What a delivery names is there, or the delivery waits: no fact lands beside its project."""

from domain.receipt import Status
from tests.intake.events import delivered, event, registration
from tests.intake.test_intake import received, rows, statuses

ACCEPTED, DUPLICATE, CORRECTED = Status.ACCEPTED, Status.DUPLICATE, Status.CORRECTED
QUARANTINED, REJECTED = Status.QUARANTINED, Status.REJECTED
MINTED = "source:approval/r1"


def test_a_fact_does_not_count_on_a_registration_that_came_too_late(open_intake, database):
    receipts = received(open_intake, [registration(expectedversion=5), delivered()])

    assert [(receipt.status, receipt.code) for receipt in receipts] == [
        (REJECTED, "stale_version"),
        (QUARANTINED, "unknown_project"),
    ]
    assert rows(database, "SELECT kind FROM ledger.events") == []


def test_a_fact_follows_a_registration_that_named_the_right_version(open_intake):
    receipts = received(open_intake, [delivered(), registration(expectedversion=0)])

    assert statuses(receipts) == [ACCEPTED, ACCEPTED]


def test_a_fact_does_not_count_on_a_registration_of_a_record_of_another_project(open_intake):
    receipts = received(
        open_intake,
        [registration()],
        [registration(subject="project/p2"), delivered(subject="project/p2")],
    )

    assert [receipt.code for receipt in receipts] == [None, "subject_conflict", "unknown_project"]


def test_a_retracted_registration_sent_again_is_a_duplicate(open_intake, database):
    sent = [registration("r1#1", subject=None), delivered("d1#1", subject=MINTED)]
    retraction = event("EventRetracted", "t1", reason="entered twice", corrects=MINTED)

    receipts = received(open_intake, sent, [retraction], [*sent, delivered("d2#1", subject=MINTED)])

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, ACCEPTED, DUPLICATE, DUPLICATE, ACCEPTED]
    assert rows(database, "SELECT count(DISTINCT stream) FROM ledger.events") == [(1,)]


def test_a_newer_version_of_an_amendment_amends_the_same_event_or_is_kept(open_intake):
    def retraction(version: int, of: str) -> dict[str, object]:
        return event(
            "EventRetracted", f"t1#{version}", reason="mistake", corrects=f"source:approval/{of}"
        )

    receipts = received(
        open_intake,
        [registration(), delivered("d1#1"), delivered("d2#1")],
        [retraction(1, "d1")],
        [retraction(2, "d1")],
        [retraction(3, "d2")],
    )

    assert statuses(receipts[3:]) == [ACCEPTED, CORRECTED, QUARANTINED]
    assert receipts[5].code == "target_conflict"


def test_service_facts_go_to_enterprises_and_meetings_as_well(open_intake, database):
    answer = {"request_id": "R1", "outcome": "resolved", "answer_digest": "接通"}
    meeting = {"meeting_id": "M1", "level": "city", "decisions": []}

    receipts = received(
        open_intake,
        [
            event("RequestAnswered", "a1", answer, subject="enterprise/91320582MA1"),
            event("JointReviewHeld", "m1", meeting, subject=None),
            event("RequestAnswered", "a2", answer, subject="list/L1"),
            event("RequestAnswered", "a3", answer, subject="enterprise/"),
            event("RequestAnswered", "a4", answer, subject="code:2407-320582-89-01-729324"),
        ],
    )

    assert statuses(receipts) == [ACCEPTED, ACCEPTED, REJECTED, REJECTED, QUARANTINED]
    assert '"enterprise/<id>"' in str(receipts[2].cure)
    assert rows(database, "SELECT stream FROM ledger.events ORDER BY position") == [
        ("enterprise/91320582MA1",),
        ("meeting/M1",),
    ]


def test_the_names_of_a_team_survive_the_quarantine(open_intake, database):
    team = [{"officer": "陆某", "dept": "审批局"}]
    assigned = event("StewardAssigned", "s1", {"lead_officer": "陈某", "team": team})

    receipts = received(open_intake, [assigned], [registration()])

    assert statuses(receipts) == [QUARANTINED, ACCEPTED]
    names = rows(
        database,
        "SELECT DISTINCT n.value FROM ledger.person_names n JOIN ledger.events e ON e.id = n.event"
        " WHERE n.path[1] = 'payload'",
    )
    assert sorted(names) == [("陆某",), ("陈某",)]
