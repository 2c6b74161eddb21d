"""Facts that are appended get the verdict their source record deserves."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import psycopg
import pytest
from msgspec.structs import replace

from domain.draft import Draft
from domain.envelope import Actor
from domain.receipt import Receipt, Status
from ledger.key_place import keys_of
from ledger.ledger import Ledger
from ledger.reading import events_after, head, stream_events
from ledger.unavailable import ClockBehind
from tests.ledger.appending import Checked, Fact, appended, statuses

PLAN = {
    "plan_id": "p1",
    "node": "construction_started",
    "planned": "2024-06",
    "warning_days": 30,
    "responsible_unit": "park",
    "responsible_person": "王某",
}


def test_a_fact_is_stored_as_the_bytes_that_are_hashed(
    database: str, fact: Fact, checked: Checked
) -> None:
    first, second = fact("r1"), fact("r2")

    [receipts] = appended(database, [first, second])

    assert receipts == [
        Receipt(Status.ACCEPTED, first.id, 1),
        Receipt(Status.ACCEPTED, second.id, 2),
    ]
    events = checked(database)
    assert [event["body"] for event in events] == [
        orjson.loads(first.body),
        orjson.loads(second.body),
    ]
    with psycopg.connect(database) as connection:
        assert [event.id for event in stream_events(connection, "project/a")] == [
            first.id,
            second.id,
        ]
        assert head(connection).size == 2


def test_an_empty_call_appends_nothing(database: str) -> None:
    assert appended(database, []) == [[]]


@pytest.mark.parametrize("together", [True, False])
def test_a_repetition_is_a_duplicate(database: str, fact: Fact, together: bool) -> None:
    drafts = [fact("r1", "1"), fact("r1", "1"), fact("r2"), fact("r2")]

    receipts = _in_groups(database, drafts, together=together)

    assert statuses(receipts) == ["accepted", "duplicate", "accepted", "duplicate"]
    assert receipts[1].event_id == drafts[0].id
    assert (receipts[3].event_id, receipts[3].position) == (drafts[2].id, 2)


@pytest.mark.parametrize("together", [True, False])
def test_a_higher_version_corrects(
    database: str,
    fact: Fact,
    checked: Checked,
    together: bool,
) -> None:
    drafts = [
        fact("r1", "2", day="2024-06-19"),
        fact("r1", "10", day="2024-06-20"),
        fact("r1", "10", day="2024-06-20"),
        fact("r1", "11", day="2024-06-21"),
    ]

    receipts = _in_groups(database, drafts, together=together)

    assert statuses(receipts) == ["accepted", "corrected", "duplicate", "corrected"]
    assert receipts[2].event_id == receipts[1].event_id == drafts[1].id
    events = checked(database)
    assert [event["kind"] for event in events] == [
        "ConstructionStarted",
        "EventCorrected",
        "EventCorrected",
    ]
    # Every revision replaces the fact itself, so that losing one changes no other.
    assert [event["body"].get("corrects") for event in events] == [None, drafts[0].id, drafts[0].id]
    assert events[1]["body"]["payload"]["occurred_on"] == "2024-06-20"


@pytest.mark.parametrize("together", [True, False])
def test_a_lower_version_is_superseded(database: str, fact: Fact, together: bool) -> None:
    drafts = [fact("r1", "3"), fact("r1", "1", day="2024-01-01"), fact("r1", "1")]

    receipts = _in_groups(database, drafts, together=together)

    assert statuses(receipts) == ["accepted", "superseded", "superseded"]
    assert receipts[1].event_id == drafts[0].id


def test_instants_as_versions_are_compared_as_instants(database: str, fact: Fact) -> None:
    drafts = [
        fact("r1", "2024-06-19T10:00:00+08:00"),
        fact("r1", "2024-06-19T01:00:00Z", day="2024-06-18"),
        fact("r1", "2024-06-19T03:00:00Z", day="2024-06-20"),
    ]

    [receipts] = appended(database, drafts)

    assert statuses(receipts) == ["accepted", "superseded", "corrected"]


def test_other_content_under_the_same_version_is_rejected(database: str, fact: Fact) -> None:
    [[_, receipt]] = appended(database, [fact("r1", "1"), fact("r1", "1", day="2024-06-20")])

    assert receipt.status is Status.REJECTED
    assert receipt.code == "duplicate_key_other_content"
    assert receipt.value == "1"
    assert receipt.cure


def test_other_content_without_a_version_is_quarantined(database: str, fact: Fact) -> None:
    [[_, receipt]] = appended(database, [fact("r1"), fact("r1", day="2024-06-20")])

    assert (receipt.status, receipt.code) == (Status.QUARANTINED, "version_conflict")


def test_a_record_that_changes_kind_or_project_is_quarantined(database: str, fact: Fact) -> None:
    [receipts] = appended(
        database,
        [
            fact("r1", "1"),
            fact("r1", "2", stream="project/b"),
            fact("r1", "2", kind="ProjectResumed", payload={"scope": "project"}),
        ],
    )

    assert [receipt.code for receipt in receipts] == [None, "subject_conflict", "kind_conflict"]
    assert statuses(receipts[1:]) == ["quarantined", "quarantined"]


@pytest.mark.parametrize("together", [True, False])
def test_another_person_is_other_content(database: str, fact: Fact, together: bool) -> None:
    def plan(version: str, person: str) -> Draft:
        payload = {**PLAN, "responsible_person": person}
        return fact("r1", version, kind="MilestonePlanned", payload=payload)

    drafts = [
        plan("1", "王某"),
        plan("1", "王某"),
        plan("1", "李某"),
        plan("2", "李某"),
        plan("2", "李某"),
        plan("2", "赵某"),
    ]

    receipts = _in_groups(database, drafts, together=together)

    assert statuses(receipts) == [
        "accepted",
        "duplicate",
        "rejected",
        "corrected",
        "duplicate",
        "rejected",
    ]


def test_an_erased_name_contradicts_none(database: str, fact: Fact) -> None:
    plan = fact("r1", "1", kind="MilestonePlanned", payload=PLAN)
    [[first]] = appended(database, [plan])
    with psycopg.connect(database) as connection:
        keys = keys_of(connection)
        keys.destroy([str(keys.locked("王某")).split(":")[2]])

    again = fact("r1", "1", kind="MilestonePlanned", payload=PLAN)
    [[receipt]] = appended(database, [again])

    assert (receipt.status, receipt.event_id) == (Status.DUPLICATE, first.event_id)


def test_who_sends_is_not_content(database: str, fact: Fact) -> None:
    named = Actor(id="clerk", org="bureau", role="steward", name="王某")
    other = Actor(id="other", org="bureau", role="steward", name="李某")

    [receipts] = appended(database, [fact("r1", "1", actor=named), fact("r1", "1", actor=other)])

    assert statuses(receipts) == ["accepted", "duplicate"]


def test_an_expected_version_must_be_the_streams(database: str, fact: Fact) -> None:
    [receipts, again] = appended(
        database,
        [
            fact("r1", expected_version=0),
            fact("r2", expected_version=1),
            fact("r3", expected_version=1),
        ],
        [fact("r1", expected_version=0), fact("r4", expected_version=2)],
    )

    assert statuses(receipts) == ["accepted", "accepted", "rejected"]
    assert (receipts[2].code, receipts[2].value) == ("stale_version", "1")
    # A repetition is known before its expectation is judged.
    assert statuses(again) == ["duplicate", "accepted"]


def test_of_rivals_expecting_the_same_version_one_wins(
    database: str, fact: Fact, checked: Checked
) -> None:
    async def work() -> list[Receipt]:
        ledger = await Ledger.open(database)
        rivals = [fact(f"r{n}", expected_version=0) for n in range(20)]
        answers = await asyncio.gather(*(ledger.append([rival]) for rival in rivals))
        await ledger.close()
        return [receipt for [receipt] in answers]

    receipts = asyncio.run(work())

    assert statuses(receipts).count("accepted") == 1
    assert {receipt.code for receipt in receipts} == {None, "stale_version"}
    assert len(checked(database)) == 1


def test_what_the_database_refuses_harms_no_neighbour(
    database: str, fact: Fact, checked: Checked
) -> None:
    # As if our own checks had a fault: a text that PostgreSQL cannot hold.
    poisoned = replace(fact("p"), stream="project/\x00")

    async def work() -> tuple[list[Receipt], list[list[Receipt]]]:
        ledger = await Ledger.open(database)
        neighbours = [ledger.append([fact(f"n{n}")]) for n in range(5)]
        mixed = ledger.append([fact("m1"), poisoned, fact("m2"), fact("m3")])
        answers = await asyncio.gather(mixed, *neighbours)
        await ledger.close()
        return answers[0], list(answers[1:])

    mixed, neighbours = asyncio.run(work())

    assert statuses(mixed) == ["accepted", "rejected", "accepted", "accepted"]
    assert mixed[1].code == "refused_by_database"
    assert all(statuses(answer) == ["accepted"] for answer in neighbours)
    assert len(checked(database)) == 8


def test_a_large_call_is_copied_and_judged_alike(
    database: str, fact: Fact, checked: Checked
) -> None:
    drafts = [fact(f"r{n % 2000}", "1", stream=f"project/{n % 2000 % 7}") for n in range(2_500)]

    [receipts, again] = appended(database, drafts, drafts[:1_200])

    assert statuses(receipts).count("accepted") == 2_000
    assert statuses(receipts).count("duplicate") == 500
    assert set(statuses(again)) == {"duplicate"}
    assert len(checked(database)) == 2_000


def test_recorded_time_never_goes_back(database: str, fact: Fact, checked: Checked) -> None:
    times = iter([datetime(2024, 5, 1, 12, tzinfo=UTC), datetime(2024, 5, 1, 11, 59, tzinfo=UTC)])

    appended(database, [fact("r1")], [fact("r2")], clock=lambda: next(times))

    assert [event["recorded_at"] for event in checked(database)] == [
        "2024-05-01T12:00:00.000000Z",
        "2024-05-01T12:00:00.000000Z",
    ]


def test_a_clock_far_behind_stops_appends(database: str, fact: Fact, checked: Checked) -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    appended(database, [fact("r1")], clock=lambda: now)

    with pytest.raises(ClockBehind, match="1 day"):
        appended(database, [fact("r2")], clock=lambda: now - timedelta(days=1))

    assert len(checked(database)) == 1


def test_aliases_names_and_mentions_lie_beside_the_event(database: str, fact: Fact) -> None:
    plan = fact("plan", kind="MilestonePlanned", payload=PLAN)
    code = fact("code", kind="ProjectCodeAssigned", payload={"code": "2407-320582-89-01-729324"})

    appended(database, [plan, code])

    with psycopg.connect(database) as connection:
        assert connection.execute(
            "SELECT alias, stream, position FROM ledger.aliases"
        ).fetchall() == [("code:2407-320582-89-01-729324", "project/a", 2)]
        [stored] = events_after(connection, 0, 1)
        assert stored.payload["responsible_person"].startswith("hmac-sha256:")
        [resolved] = connection.execute(
            "SELECT ledger.resolved(id, convert_from(bytes, 'UTF8')::jsonb #> '{body,payload}', "
            "'payload') FROM ledger.events WHERE position = 1"
        ).fetchone() or [None]
        keys = keys_of(connection)
        assert resolved["responsible_person"] == keys.locked("王某")
        assert keys.unlock(resolved["responsible_person"]) == "王某"


@pytest.mark.parametrize("count", [1, 1_000])
def test_what_a_fact_names_twice_lies_beside_it_once(database: str, fact: Fact, count: int) -> None:
    projects = ["a", "b", "a"]
    meeting = {"meeting_id": "m1", "projects": projects, "level": "city", "decisions": []}
    absorbing = {"kind": "project", "keep": "a", "absorb": ["c", "project/c"], "basis": "twice"}
    absorbing["confidence"] = "high"
    facts = [
        fact("meeting", kind="JointReviewHeld", stream="meeting/m1", payload=meeting),
        fact("link", kind="IdentitiesLinked", payload=absorbing),
    ]

    [receipts] = appended(database, [*facts, *(fact(f"r{n}") for n in range(2, count))])

    assert statuses(receipts[:2]) == ["accepted", "accepted"], receipts[:2]
    with psycopg.connect(database) as connection:
        mentions = connection.execute("SELECT stream, position FROM ledger.mentions ORDER BY 1")
        assert mentions.fetchall() == [("project/a", 1), ("project/b", 1)]
        aliases = connection.execute("SELECT alias, position FROM ledger.aliases")
        assert aliases.fetchall() == [("project/c", 2)]


def _in_groups(database: str, drafts: list[Draft], *, together: bool) -> list[Receipt]:
    groups = [drafts] if together else [[draft] for draft in drafts]
    return [receipt for group in appended(database, *groups) for receipt in group]
