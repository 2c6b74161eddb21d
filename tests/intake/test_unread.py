"""Plain lines are left unread, and come to what they would have come to if they had been read."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from domain.kinds import KINDS
from domain.policies import presets
from domain.policy import parse
from domain.receipt import Receipt
from intake.batch import Batch
from intake.call import Call
from intake.checking import Task, found_in
from intake.cloudevents import read_line
from intake.delivery import Delivery
from intake.denials import Denial, Denials
from intake.feed import feeding
from intake.grant import Grant, Right
from intake.receipt_book import ReceiptBook
from intake.unread import Arrived, Unread, read_where_needed
from tests.intake.conftest import EVERYTHING, STEWARD
from tests.intake.events import delivered, event, registration
from tests.intake.receiving import rows
from tests.intake.test_adopting import adopt, two_persons

KEPT = "SELECT convert_from(delivery, 'UTF8')::jsonb FROM ledger.quarantine"
SIGNED = {"signature": "c2lnbmVk", "signaturekey": "k1"}
LIMITED = [
    Grant(STEWARD, frozenset(Right), regions=frozenset({"3205"})),
    Grant(STEWARD, frozenset(Right), systems=frozenset({"approval"})),
]


def arrived(*events: dict[str, Any], grant: Grant = EVERYTHING) -> list[Arrived]:
    """Give facts as lines about which another process has found out what it can."""
    lines = [orjson.dumps(each) for each in events]
    return [*read_where_needed(lines, found_in(Task(lines, STEWARD, "request")), grant)]


def fed(open_intake: Any, *batches: Sequence[Arrived], grant: Grant = EVERYTHING) -> list[Receipt]:
    async def feed_all() -> list[Receipt]:
        async with open_intake() as intake, feeding(intake, grant) as feed:
            receipts = [receipt for batch in batches for receipt in await feed.give(batch)]
            return receipts + await feed.finish()

    return asyncio.run(feed_all())


@pytest.mark.parametrize(
    ("fact", "is_left"),
    [
        (delivered(), True),
        (delivered(subject="p1"), True),
        (delivered("d1#2", reason="again", batchid="b-1", rowno=7), True),
        (event("ProjectCodeAssigned", "c", {"code": "2407-320582-89-01-729324"}), True),
        (delivered(subject="code:2407-320582-89-01-729324"), False),
        (delivered(subject=None), False),
        (delivered(expectedversion=1), False),
        (delivered(actorid="someone"), False),
        (delivered(**SIGNED), False),
        (delivered(occurredon="11 June"), False),
        (registration(), False),
        (event("EventRetracted", "w", corrects="source:approval/d1", reason="misread"), False),
        (event("RequestReceived", "q", KINDS["RequestReceived"].example), True),
        (
            event("RequestReceived", "q", KINDS["RequestReceived"].example, subject="enterprise/e"),
            False,
        ),
        (event("TargetSet", "t", KINDS["TargetSet"].example), False),
    ],
)
def test_only_what_names_nothing_but_its_project_is_left_unread(fact, is_left):
    [one] = arrived(fact)

    assert isinstance(one, Unread) is is_left


@pytest.mark.parametrize("grant", LIMITED)
def test_what_a_limited_caller_sends_is_read(grant):
    [one] = arrived(delivered(), grant=grant)

    assert isinstance(one, Delivery)


def test_it_is_read_as_any_line_when_somebody_asks():
    own, given = (
        delivered("d1#2", rowno=7, batchid="b-1"),
        delivered("d2", time="2024-06-12T00:00:00Z"),
    )

    numbered, read = [one.numbered("b-2", 3).read() for one in arrived(own, given)]  # type: ignore[union-attr]

    assert numbered == read_line(orjson.dumps(own))
    assert read == replace(read_line(orjson.dumps(given)), batch_id="b-2", row_no=3)  # type: ignore[type-var]


def test_what_waits_for_its_project_is_kept_whole_and_follows(open_intake, database):
    receipts = fed(
        open_intake, arrived(delivered("d1#2", reason="measured")), arrived(registration())
    )

    assert [receipt.code for receipt in receipts] == ["unknown_project", None]
    assert rows(database, "SELECT kind, record_version FROM ledger.events ORDER BY position") == [
        ("ProjectRegistered", None),
        ("LandDelivered", "2"),
    ]
    [(kept,)] = rows(database, KEPT)
    assert (kept["payload"], kept["reason"]) == ({"parcel_id": "2024-A-7"}, "measured")


def test_what_has_not_happened_yet_is_kept_whole(open_intake, database):
    batch = arrived(registration(), delivered("later", occurredon="2999-01-01"))

    receipts = fed(open_intake, batch)

    assert [receipt.code for receipt in receipts] == [None, "future_fact"]
    [(kept,)] = rows(database, KEPT)
    assert (kept["record_id"], kept["occurred_on"]) == ("later", "2999-01-01")


def test_a_row_that_waits_is_kept_with_its_number_and_what_it_said(open_intake, database):
    async def taken() -> None:
        async with open_intake() as intake:
            batch = Batch(intake, ReceiptBook(intake.pool), EVERYTHING, id="b-1")
            await batch.take(arrived(registration(), delivered("d1", subject="p2")), last=True)

    asyncio.run(taken())

    query = "SELECT row_no, source_key, kind, code, payload FROM ledger.batch_rows"
    said = ("unknown_project", {"parcel_id": "2024-A-7"})
    assert rows(database, query) == [(2, "approval/d1", "LandDelivered", *said)]
    [(kept,)] = rows(database, KEPT)
    assert (kept["batch_id"], kept["row_no"]) == ("b-1", 2)


@pytest.mark.parametrize("small", [0, 32])
def test_what_passed_lets_only_facts_like_it_pass(open_intake, monkeypatch, small):
    monkeypatch.setattr("intake.intake.SMALL", small)
    codes = [f"2407-320582-89-01-72932{digit}" for digit in range(4)]
    first, second, later, elsewhere = (
        event("ProjectCodeAssigned", code, {"code": code}) for code in codes
    )
    later |= {"occurredon": "2999-01-01"}
    elsewhere |= {"subject": "project/p2"}

    async def taken() -> list[Receipt]:
        async with open_intake() as intake:
            await adopt(intake, two_persons("LandDelivered"))
            await intake.receive([*arrived(registration())], EVERYTHING)
            async with feeding(intake, EVERYTHING) as feed:
                batch = arrived(first, second, delivered(), later, elsewhere)
                return await feed.give(batch) + await feed.finish()

    held = ["needs_approval", "future_fact", "unknown_project"]
    assert [receipt.code for receipt in asyncio.run(taken())] == [None, None, *held]


def test_where_facts_are_held_against_reason_each_is(open_intake):
    huge = event("LandAwarded", "huge", KINDS["LandAwarded"].example | {"area_mu": "99999"})

    [policy] = [one for one in presets() if one.kind == "plausibility"]
    policy = parse(policy.body.replace(f"{policy.effective_from}", "2024-01-01"))

    async def taken() -> list[Receipt]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            await adopt(intake, policy)
            batch = arrived(registration(), delivered(), huge)
            return await feed.give(batch) + await feed.finish()

    assert [receipt.code for receipt in asyncio.run(taken())] == [None, None, "area_implausible"]


def test_what_passed_within_limits_lets_nothing_beyond_them_pass(open_intake):
    here = registration()
    elsewhere = registration("r2", subject="project/p2")
    elsewhere["data"]["district"] = "321102"
    grant = Grant(STEWARD, frozenset(Right), regions=frozenset({"3205"}))
    lines = [*map(orjson.dumps, [delivered("d1"), delivered("d2", subject="project/p2")])]
    found = found_in(Task(lines, STEWARD, "request"))

    async def taken() -> list[Receipt]:
        async with open_intake() as intake:
            await intake.receive([*arrived(here, elsewhere)], EVERYTHING)
            call = intake.call(grant, "request")
            await call.gather(read_where_needed(lines, found, grant), found)
            return await intake.complete(call)

    assert [receipt.code for receipt in asyncio.run(taken())] == [None, "unknown_project"]


def test_a_kind_that_a_caller_may_not_send_is_refused_and_noted():
    grant = Grant(STEWARD, frozenset(Right), kinds=frozenset({"ProjectRegistered"}), label="clerk")
    denied: list[Denial] = []
    call = Call(grant, "request", denials=Denials(denied.append), replayed=False)

    asyncio.run(call.gather(arrived(delivered(), grant=grant)))

    assert [receipt.code for receipt in call.receipts()] == ["forbidden"]
    assert denied == [
        Denial("clerk", STEWARD.id, "append", "forbidden", "LandDelivered approval/d1")
    ]
