"""The demonstration facts: Zhangjiagang 2024, with Wujin and Zhenjiang beside it.

What newspapers printed is met exactly; what they did not print is invented and marked 「（示例）」.
`deliveries` gives the facts as CloudEvents in the order in which they arrive, with the mistakes,
repetitions and delays of real sources among them; `batches` cuts them for the intake.
"""

from random import Random

from server.demonstration.batches import batches
from server.demonstration.book import Payload
from server.demonstration.decrees import decrees
from server.demonstration.deliveries import cloud_events
from server.demonstration.noise import disturbed
from server.demonstration.wujin import wujin
from server.demonstration.zhangjiagang import zhangjiagang
from server.demonstration.zhenjiang import zhenjiang

__all__ = ["batches", "deliveries"]


def deliveries(seed: int = 2024) -> list[Payload]:
    """Give the CloudEvents of the demonstration, sorted by `receivedat`; the same for one seed."""
    books = [tell(seed) for tell in (decrees, zhangjiagang, wujin, zhenjiang)]
    reports = [report for book in books for report in disturbed(book)]
    return cloud_events(reports, Random(f"{seed}/order"))
