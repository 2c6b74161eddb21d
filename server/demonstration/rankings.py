"""Publish the quarterly competitions: Zhangjiagang's of 2024 and Nantong's of 2019.

Zhangjiagang publishes what had arrived by then, so later and corrected facts let the result drift.
Nantong's results came with the import; they are what its facts say. That Hai'an led three quarters
running is published, every score is invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.demonstration.book import Book, Payload, Report
from server.demonstration.days import later
from server.demonstration.standings import Metric, known_by, standing

STARTED, ENROLLED, REGISTERED = "ConstructionStarted", "StatisticsEnrolled", "ProjectRegistered"
TOWNS = (Metric("starts", STARTED, 3), Metric("enrolments", ENROLLED, 2))
COUNTIES = (Metric("starts", STARTED, 10),)


@dataclass(frozen=True, slots=True)
class Round:
    """A quarter of a competition, and the last day whose deliveries were taken into account."""

    year: int
    quarter: int
    known_on: date

    @property
    def period(self) -> str:
        """Name the quarter."""
        return f"{self.year}-Q{self.quarter}"

    @property
    def span(self) -> tuple[date, date]:
        """Give its first and last day."""
        following = date(self.year + self.quarter // 4, self.quarter % 4 * 3 + 1, 1)
        return date(self.year, 3 * self.quarter - 2, 1), later(following, -1)


OF_ZHANGJIAGANG = (
    Round(2024, 1, date(2024, 4, 10)),
    # Closed early, so that starts told in July came too late.
    Round(2024, 2, date(2024, 7, 2)),
    Round(2024, 3, date(2024, 10, 10)),
    Round(2024, 4, date(2025, 1, 10)),
)
OF_NANTONG = tuple(Round(2019, quarter, date(2025, 11, 2)) for quarter in (1, 2, 3))


def publish_in_zhangjiagang(book: Book, reports: Sequence[Report]) -> list[Report]:
    """Publish the four quarters of 2024 by what had arrived."""
    published = []
    for turn in OF_ZHANGJIAGANG:
        known = known_by(reports, turn.known_on, frozenset({STARTED, ENROLLED, REGISTERED}))
        projects = known.registered(turn.span[1]).items()
        towns = {project: data["park"] for project, data in projects}
        result = standing(known, TOWNS, turn.span, towns)
        published += _publish(book, turn, "ranking/zhangjiagang@2024.1", result)
    return published


def publish_in_nantong(book: Book, _: Sequence[Report]) -> list[Report]:
    """Publish three quarters of 2019 by the facts as they are."""
    published = []
    for turn in OF_NANTONG:
        known = known_by(book.reports, date.max, frozenset({STARTED, REGISTERED}))
        projects = known.registered(turn.span[1]).items()
        counties = {project: data["district"] for project, data in projects}
        result = standing(known, COUNTIES, turn.span, counties)
        published += _publish(book, turn, "ranking/nantong@2019.1", result)
    return published


def _publish(book: Book, turn: Round, policy: str, result: Payload) -> list[Report]:
    """Publish one round; the leaders get the banner, the last ones make a statement."""
    round_id = f"{book.region}-{turn.period}"
    published_on = later(turn.span[1], 14)
    told_on = max(later(published_on, 1), later(turn.known_on, 1))
    told = [
        book.tell(
            "RankingPublished",
            f"round/{round_id}",
            turn.span[1],
            {
                "round_id": round_id,
                "policy": policy,
                "as_known_at": f"{turn.known_on}T23:00:00+08:00",
                "published_on": published_on.isoformat(),
                **result,
            },
            text=turn.period,
            told_on=told_on,
            steady=True,
        )
    ]
    ranks = result["ranks"]
    for unit, rank in ranks.items():
        if rank in (1, max(ranks.values())):
            kind = "red-banner" if rank == 1 else "statement-required"
            banner = {"round_id": round_id, "district": unit, "kind": kind}
            told.append(
                book.tell(
                    "BannerAwarded",
                    f"round/{round_id}",
                    published_on,
                    banner,
                    told_on=told_on,
                    steady=True,
                )
            )
    return told
