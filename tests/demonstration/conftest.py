"""Tell the portfolios under test once: the usual one, and a smaller one of another seed."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from server.demonstration import Portfolio, deliveries
from tests.demonstration.by_hand import Told, effective
from tests.demonstration.loaded import loaded

USUAL = Portfolio()
SMALL = Portfolio(seed=1, projects=260)


@cache
def told(portfolio: Portfolio) -> list[dict[str, Any]]:
    """Give the deliveries of a portfolio, told once a run."""
    return deliveries(portfolio)


@pytest.fixture
def portfolio() -> Portfolio:
    """Give a portfolio."""
    return SMALL


@pytest.fixture
def events(portfolio: Portfolio) -> list[dict[str, Any]]:
    """Give the deliveries of one portfolio."""
    return told(portfolio)


@cache
def folded(portfolio: Portfolio) -> list[Told]:
    """Give what is known in the end of a portfolio, folded once a run."""
    return effective(told(portfolio))


@pytest.fixture(scope="session")
def facts() -> list[Told]:
    """Give what is known in the end of the usual portfolio."""
    return folded(USUAL)


@pytest.fixture(scope="session")
def demonstration(server: str, migrated: str) -> Iterator[str]:
    """Give a database with the usual portfolio in it, loaded once a run; tests only read it."""
    with loaded(server, migrated, USUAL) as conninfo:
        yield conninfo
