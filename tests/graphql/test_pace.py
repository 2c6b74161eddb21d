"""Whichever way a statement is planned, and however many ask at once, the answer is the same."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from api import pace
from api.request import Request

SAME = '{"data":{"firstShelf":{"id":"a"}}'


def ask_at_once(world: Any, times: int) -> list[str]:
    """Ask one and the same question many times over, all at the same moment."""

    async def ask_all() -> list[str]:
        request = Request("{ firstShelf { id } }")
        answers = await asyncio.gather(*(world.engine.answer(request) for _ in range(times)))
        return [answer.body.decode() for answer in answers]

    answered: list[str] = world.run(ask_all())
    return answered


def test_a_new_question_may_come_from_many_at_once(open_world: Callable[..., Any]) -> None:
    bodies = ask_at_once(open_world(connections=8), 20)

    assert all(body.startswith(SAME) for body in bodies)


def test_many_may_ask_while_the_trials_are_repeated(
    open_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_AGAIN_AFTER", 5)
    # However fast it was, it counts as having become slower.
    monkeypatch.setattr(pace, "_STILL_FAST", 0.0)
    monkeypatch.setattr(pace, "_SLOWER", 0.0)

    bodies = ask_at_once(open_world(connections=8), 100)

    assert all(body.startswith(SAME) for body in bodies)


def test_a_question_that_fails_goes_on_failing_in_the_same_way(
    open_world: Callable[..., Any],
) -> None:
    world = open_world()

    answers = [world.ask('{ slow(seconds: "soon") { id } }') for _ in range(8)]

    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"BAD_USER_INPUT"}


def test_a_plan_that_is_cut_short_still_answers(
    open_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little patience that a plan for all values has no chance of being in time.
    monkeypatch.setattr(pace, "_LEAST_PATIENCE", -1.1)
    world = open_world()

    answers = [world.ask('{ slow(seconds: "0.3") { id } }') for _ in range(5)]

    assert not any("errors" in answer for answer in answers)
