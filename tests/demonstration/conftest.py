"""Tell the demonstration once for every seed under test."""

from functools import cache
from typing import Any

import pytest

from server.demonstration import deliveries
from tests.demonstration.by_hand import Told, effective

SEEDS = (2024, 1, 77)


@cache
def told(seed: int) -> list[dict[str, Any]]:
    """Give the deliveries of a seed, told once a run."""
    return deliveries(seed)


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    """Give a seed."""
    return int(request.param)


@pytest.fixture
def events(seed: int) -> list[dict[str, Any]]:
    """Give the deliveries of one seed."""
    return told(seed)


@cache
def _folded(seed: int) -> list[Told]:
    return effective(told(seed))


@pytest.fixture
def facts(seed: int) -> list[Told]:
    """Give what is known in the end under one seed."""
    return _folded(seed)
