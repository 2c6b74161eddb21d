"""Whatever takes longer than it may is stopped, and nothing else is."""

import asyncio
from collections.abc import Awaitable

import pytest
from api.deadlines import Deadlines


async def bounded(deadlines: Deadlines, work: Awaitable[object]) -> object:
    with deadlines.bound():
        return await work


def test_what_is_done_in_time_is_forgotten() -> None:
    async def run() -> tuple[object, int]:
        deadlines = Deadlines(60)
        return await bounded(deadlines, asyncio.sleep(0, "done")), len(deadlines._running)

    assert asyncio.run(run()) == ("done", 0)


def test_one_after_the_other_is_stopped_by_the_same_timer() -> None:
    async def run() -> None:
        deadlines, never = Deadlines(0.01), asyncio.Event()
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await bounded(deadlines, never.wait())

    asyncio.run(asyncio.wait_for(run(), 10))


def test_two_who_wait_are_both_stopped() -> None:
    async def run() -> list[object]:
        deadlines, never = Deadlines(0.01), asyncio.Event()
        first = asyncio.create_task(bounded(deadlines, never.wait()))
        await asyncio.sleep(0.005)
        second = asyncio.create_task(bounded(deadlines, never.wait()))
        both = asyncio.gather(first, second, return_exceptions=True)
        return list(await asyncio.wait_for(both, 10))

    assert all(isinstance(each, TimeoutError) for each in asyncio.run(run()))


def test_who_is_stopped_by_somebody_else_is_not_told_that_time_was_up() -> None:
    async def run() -> None:
        deadlines, never = Deadlines(60), asyncio.Event()
        task = asyncio.create_task(bounded(deadlines, never.wait()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_an_error_inside_stays_what_it_is() -> None:
    async def run() -> None:
        with Deadlines(60).bound():
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(run())
