"""Those who come while work is under way share the next piece of it."""

import asyncio
from collections.abc import Sequence

import pytest

from intake.gathering import Gathering


class Work:
    """Doubles numbers, tells which came together and can be held up."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.has_begun = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.groups.append(list(numbers))
        self.has_begun.set()
        await self.may_go_on.wait()
        if 0 in numbers:
            raise ZeroDivisionError
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def brought(gathering: Gathering[int, int], *numbers: int) -> list[int | BaseException]:
    return await asyncio.gather(*map(gathering.bring, numbers), return_exceptions=True)


def test_who_comes_at_once_goes_together_up_to_the_most():
    async def story() -> None:
        work = Work()
        assert await brought(Gathering(work, most=2), 1, 2, 3) == [2, 4, 6]
        assert work.groups == [[1, 2], [3]]

    asyncio.run(story())


def test_weights_count_and_what_is_too_heavy_goes_alone():
    async def story() -> None:
        work = Work()
        gathering = Gathering(work, most=5, weight=abs)
        assert await brought(gathering, 2, 3, 9, 1) == [4, 6, 18, 2]
        assert work.groups == [[2, 3], [9], [1]]

    asyncio.run(story())


def test_who_comes_while_work_is_under_way_waits_for_the_next():
    async def story() -> None:
        work = Work()
        work.may_go_on.clear()
        gathering = Gathering(work, most=9)
        early = asyncio.create_task(gathering.bring(1))
        await work.has_begun.wait()
        late = [asyncio.create_task(gathering.bring(1)) for _ in "ab"]
        await asyncio.sleep(0)
        work.may_go_on.set()
        assert await asyncio.gather(early, *late) == [2, 2, 2]
        assert work.groups == [[1], [1, 1]]

    asyncio.run(story())


def test_an_error_given_meets_one_and_an_error_raised_meets_the_group():
    async def story() -> None:
        gathering = Gathering(Work(), most=2)
        one, other, third, fourth = await brought(gathering, -1, 1, 0, 2)
        assert (type(one), other) == (ValueError, 2)
        assert (type(third), type(fourth)) == (ZeroDivisionError, ZeroDivisionError)
        assert await gathering.bring(5) == 10

    asyncio.run(story())


def test_who_leaves_takes_nobody_along():
    async def story() -> None:
        work = Work()
        work.may_go_on.clear()
        gathering = Gathering(work, most=9)
        leaving, staying = (asyncio.create_task(gathering.bring(number)) for number in (1, 2))
        await work.has_begun.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        work.may_go_on.set()
        assert await asyncio.wait_for(staying, 5) == 4

    asyncio.run(story())
