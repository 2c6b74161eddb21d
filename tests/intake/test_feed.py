"""Batches that are fed one after the other are taken in as single calls would be."""

import asyncio
import gc
from json import dumps
from typing import Any

import pytest

from domain.receipt import Receipt, Status
from intake.cloudevents import read_event
from intake.delivery import Delivery
from intake.feed import Feed, feeding
from ledger.unavailable import Closed
from tests.intake.conftest import EVERYTHING
from tests.intake.events import delivered, event, registration

ACCEPTED, QUARANTINED = Status.ACCEPTED, Status.QUARANTINED
CODE = "2407-320582-89-01-729324"


@pytest.fixture(autouse=True, params=[0, 32])
def drafted_early(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draft even the smallest batches while others are being committed, or none of these."""
    monkeypatch.setattr("intake.intake.SMALL", request.param)


def facts(*events: dict[str, Any]) -> list[Delivery]:
    return [read_event(one) for one in events]


async def fed(feed: Feed, *batches: list[Delivery]) -> list[list[Receipt]]:
    return [*[await feed.give(batch) for batch in batches], await feed.finish()]


def test_receipts_come_with_the_next_batch_and_in_order(open_intake):
    async def feed_three() -> list[list[Receipt]]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            batches = [facts(registration()), facts(delivered("a"), delivered("b")), []]
            return await fed(feed, *batches)

    first, *others, last = asyncio.run(feed_three())

    assert (first, last) == ([], [])
    assert [[receipt.position for receipt in batch] for batch in others] == [[1], [2, 3]]


def test_a_batch_may_name_what_the_one_before_it_registered(open_intake):
    unnamed = registration("lead", subject=None)
    named = delivered("d", subject="source:approval/lead")

    async def feed_both() -> list[list[Receipt]]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            return await fed(feed, facts(unnamed), facts(named))

    assert [receipt.status for batch in asyncio.run(feed_both()) for receipt in batch] == [
        ACCEPTED,
        ACCEPTED,
    ]


def test_what_waits_is_freed_by_a_later_batch(open_intake):
    async def feed_backwards() -> list[list[Receipt]]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            await fed(feed, facts(delivered("d")), facts(registration()))
            return await fed(feed, facts(delivered("d")))

    _, [again] = asyncio.run(feed_backwards())

    assert (again.status, again.position) == (Status.DUPLICATE, 2)


def test_what_the_ledger_refused_is_not_counted_on(open_intake):
    code = event("ProjectCodeAssigned", "d", {"code": CODE})

    async def feed_three() -> list[list[Receipt]]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            named = delivered("n", subject=f"code:{CODE}")
            return await fed(feed, facts(registration(), delivered("d")), facts(code), facts(named))

    *_, [refused], [unknown] = asyncio.run(feed_three())

    assert (refused.code, unknown.code) == ("kind_conflict", "unknown_project")


def test_an_alias_that_is_being_withdrawn_means_nothing_any_more(open_intake):
    code = event("ProjectCodeAssigned", "c", {"code": CODE})
    withdrawn = event("EventRetracted", "w", corrects="source:approval/c", reason="misread")

    async def feed_three() -> list[list[Receipt]]:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            named = delivered("d", subject=f"code:{CODE}")
            return await fed(feed, facts(registration(), code), facts(withdrawn), facts(named))

    receipts = [receipt.status for batch in asyncio.run(feed_three()) for receipt in batch]

    assert receipts == [ACCEPTED, ACCEPTED, ACCEPTED, QUARANTINED]


def test_after_a_batch_that_failed_nothing_more_is_appended(open_intake):
    async def feed_into_closed() -> int:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            await fed(feed, facts(registration()))
            await intake._appending._ledger.close()
            await feed.give(facts(delivered("a")))
            with pytest.raises(Closed):
                await feed.give(facts(delivered("b")))
            return len(await feed.finish())

    assert asyncio.run(feed_into_closed()) == 0


def test_a_feed_that_is_left_brings_its_last_batch_to_an_end(open_intake):
    async def leave_and_look() -> Receipt:
        async with open_intake() as intake:
            async with feeding(intake, EVERYTHING) as feed:
                await feed.give(facts(registration()))
            [again] = await intake.receive(facts(registration()), EVERYTHING)
            return again

    assert asyncio.run(leave_and_look()).status is Status.DUPLICATE


def test_what_was_wrong_keeps_nothing_else_in_memory(open_intake):
    async def feed_nonsense() -> int:
        async with open_intake() as intake, feeding(intake, EVERYTHING) as feed:
            await fed(feed, facts(registration()))
            wrong = [delivered(f"f-{number}", occurredon="2999-01-01") for number in range(100)]
            wrong += [event("LandDelivered", f"e-{number}") for number in range(100)]
            lines = [dumps(one).encode() for one in wrong]
            gc.collect()
            gc.disable()
            try:
                await feed.give_lines(lines)
                await feed.finish()
                return gc.collect()
            finally:
                gc.enable()

    assert asyncio.run(feed_nonsense()) < 200, "each fault would keep the whole batch"
