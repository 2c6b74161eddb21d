"""Measure catching up: all real read models against the library's runner with a counter.

The ledger grows from round to round, up to the portfolio that the board is asked about afterwards.
"""

import asyncio
from time import perf_counter

from projections.catalogue import VIEWS
from projections.runner import Runner
from server.bench.counting import Peer
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.turns import taken_in_turns

SPEED_AT_LEAST = 20.0
_COUNTED = 600


class Growth:
    """Appends the next projects of a portfolio and has the read models catch up with them."""

    def __init__(self, conninfo: str, portfolio: Portfolio, projects: int) -> None:
        """Grow by so many projects a turn; the policies come first."""
        self._conninfo = conninfo
        self._portfolio = portfolio
        self._step = projects
        self._told = 0
        asyncio.run(fill(conninfo, portfolio.policies()))
        Runner(conninfo, VIEWS).catch_up()

    def turn(self) -> float:
        """Grow, then catch up and give how many events a second were folded."""
        facts = self._portfolio.projects(self._told, self._step)
        self._told += self._step
        count = asyncio.run(fill(self._conninfo, facts))
        start = perf_counter()
        Runner(self._conninfo, VIEWS).catch_up()
        return count / (perf_counter() - start)


def measure(
    conninfo: str, peer_conninfo: str, portfolio: Portfolio, *, projects: int, rounds: int
) -> list[Row]:
    """Let both catch up by turns, the read models with so many more projects in each round."""
    growth = Growth(conninfo, portfolio, projects)
    peer = Peer(peer_conninfo)
    try:
        contenders = {"views": growth.turn, "counter": lambda: peer.catch_up(_COUNTED)}
        found = taken_in_turns(contenders, rounds)
    finally:
        peer.close()
    return [
        Row(
            name=f"catch-up of all {len(VIEWS)} read models",
            unit="events",
            ours=found.speed("views"),
            peer="ProjectionRunner with a counter",
            theirs=found.speed("counter"),
            ratio=found.ratio("views", "counter"),
            bar=SPEED_AT_LEAST,
        )
    ]
