"""The demonstration portfolio: Zhangjiagang, Zhenjiang, Wujin and Nantong as newspapers saw them.

What newspapers printed is met exactly; what they did not print is invented and marked 「（示例）」.
`books` tells a portfolio piece by piece, `spooled` brings its deliveries into their order of
arrival, with the mistakes, repetitions and delays of real sources among them, and `batches` cuts
them for the intake.
"""

from server.demonstration.batches import batches
from server.demonstration.book import Payload
from server.demonstration.portfolio import Portfolio
from server.demonstration.spool import spooled
from server.demonstration.volumes import books

__all__ = ["Portfolio", "batches", "books", "deliveries", "spooled"]


def deliveries(portfolio: Portfolio | None = None) -> list[Payload]:
    """Give all CloudEvents of a portfolio, sorted by `receivedat`; the same for equal ones."""
    with spooled(books(portfolio or Portfolio())) as spool:
        return [arrival.event for arrival in spool.read()]
