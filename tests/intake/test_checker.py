"""Lines that another process checked ahead are taken in as if this one had."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from types import NoneType
from typing import Any

import orjson
import pytest

from domain.draft import Checked
from domain.envelope import Actor
from domain.receipt import Receipt
from intake.checker import Checker
from intake.checking import Task, found_in
from intake.delivery import Plain
from intake.feed import Feed, feeding
from intake.stretches import Stretches
from tests.intake.conftest import EVERYTHING
from tests.intake.events import delivered, event, registration

ACTOR = Actor(id="clerk", org="bureau", role="steward")
AWKWARD = [
    registration("lead"),
    delivered("plain"),
    delivered("by-alias", subject="source:approval/lead"),
    delivered("no-subject", subject=None),
    delivered("as-another", actorid="someone"),
    event("LandDelivered", "fraction", {"parcel_id": "P-1", "area_mu": 1.5}),
    event("LandDelivered", "unknown-field", {"parcel_id": "P-1", "colour": "red"}),
    delivered("far-future", occurredon="2999-01-01"),
    event("LandDelivered", "plain#2", {"parcel_id": "other"}),
]
"""Facts of every sort, of which the checker leaves some to whoever takes them in."""


def lines_of(*events: dict[str, Any]) -> list[bytes]:
    return [orjson.dumps(event) for event in events]


def said_in(one: Plain | Checked | None) -> tuple[object, ...]:
    """Give what was found out about a line, but for the id that is new each time."""
    if one is None:
        return ()
    fact = one.draft if isinstance(one, Plain) else one
    body = fact.body.replace(fact.id.encode(), b"")
    return (fact.kind, one.occurred_on, body, fact.source_key)


def told(receipts: list[Receipt]) -> list[tuple[object, ...]]:
    return [(one.status, one.position, one.code, one.field, one.value) for one in receipts]


async def running() -> Checker:
    checker = Checker()
    checker.begin()
    while not checker.is_there:  # noqa: ASYNC110 - nobody else waits for it to be there
        await asyncio.sleep(0.01)
    return checker


def with_checker(work: Callable[[Checker], Coroutine[Any, Any, Any]]) -> Any:
    async def do() -> Any:
        checker = await running()
        try:
            return await work(checker)
        finally:
            await checker.close()

    return asyncio.run(do())


async def fed_singly(feed: Feed, lines: list[bytes]) -> list[Receipt]:
    receipts = []
    for line in lines:
        receipts += await feed.give_lines([line])
    return receipts + await feed.finish()


def test_a_plain_fact_is_put_where_its_subject_says_and_an_alias_is_left_open():
    lines = lines_of(delivered("a"), delivered("b", subject="source:approval/lead"))

    plain, checked, broken = found_in(Task([*lines, b"{"], ACTOR, "request"))

    assert isinstance(plain, Plain)
    assert isinstance(checked, Checked)
    draft = plain.draft
    assert checked.placed(draft.stream).content_digest == draft.content_digest
    assert broken is None


def test_the_answers_are_those_that_this_process_would_have_given():
    task = Task(lines_of(*AWKWARD), ACTOR, "request", "batch", 7)

    async def ask(checker: Checker) -> list[Any]:
        return [one for portion in checker.check(task) for one in await portion]

    said, here = with_checker(ask), found_in(task)

    assert [type(one) for one in said] == [type(one) for one in here]
    assert {type(one) for one in said} == {Plain, Checked, NoneType}
    assert [*map(said_in, said)] == [*map(said_in, here)]


@pytest.mark.parametrize("ahead", [False, True])
def test_lines_get_the_same_receipts_with_a_checker_and_without(open_intake, ahead):
    [twice] = lines_of(delivered("twice"))
    twice = twice.replace(b'"data":', b'"data":{},"data":')
    lines = [*lines_of(*AWKWARD), b"{", b"[]", *lines_of(AWKWARD[0]), twice]

    async def feed(checker: Checker | None) -> list[Receipt]:
        async with open_intake() as intake, feeding(intake, EVERYTHING, checker=checker) as one:
            return await fed_singly(one, lines)

    receipts = told(with_checker(feed) if ahead else asyncio.run(feed(None)))

    statuses = [status.value for status, *_ in receipts]
    assert statuses == [
        *("accepted", "accepted", "accepted", "rejected", "accepted"),
        *("rejected", "rejected", "quarantined", "corrected"),
        *("rejected", "rejected", "duplicate", "rejected"),
    ]
    assert receipts[-1][2] == "repeated_key"


def test_whoever_is_killed_at_work_leaves_it_to_this_process(open_intake):
    lines = lines_of(registration(), *(delivered(f"d-{number}") for number in range(2_000)))

    async def feed(checker: Checker) -> list[Receipt]:
        async with open_intake() as intake, feeding(intake, EVERYTHING, checker=checker) as one:
            receipts = await one.give_lines(lines[:1])
            receipts += await one.give_lines(lines[1:1_000])
            assert checker._process is not None
            os.kill(checker._process.pid, signal.SIGKILL)
            receipts += await one.give_lines(lines[1_000:])
            return receipts + await one.finish()

    receipts = with_checker(feed)

    assert [receipt.position for receipt in receipts] == list(range(1, len(lines) + 1))


def test_it_ends_with_whoever_asks():
    async def ended(checker: Checker) -> Any:
        return checker._process

    process = with_checker(ended)

    assert process.returncode == 0


def test_the_first_lines_are_checked_here_while_the_next_are_checked_there():
    async def begun(checker: Checker) -> list[Any]:
        stretches = Stretches(checker, ACTOR, "request")
        given = [list(stretches.after(lines_of(delivered(name)))) for name in "abcd"]
        given.append(list(stretches.rest()))
        return [[await stretch.found() is None for stretch in each] for each in given]

    assert with_checker(begun) == [[], [True], [], [False], [False, False]]


def test_few_lines_start_nobody():
    async def few() -> bool:
        checker = Checker()
        for stretch in Stretches(checker, ACTOR, "request").after(lines_of(delivered("a"))):
            assert await stretch.found() is None
        return checker._working is None

    assert asyncio.run(few())
