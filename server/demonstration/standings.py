"""Work out what a district competition published: by the facts that had arrived by its day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.flexdate import FlexDate
from server.demonstration.book import Payload, Report

AMENDMENTS = ("EventCorrected", "EventRetracted")


@dataclass(frozen=True, slots=True)
class Known:
    """The facts that are known on a day: those that arrived before it, as amended by then."""

    facts: list[tuple[Report, date]]

    def first_days(self, kind: str) -> dict[str, date]:
        """Give the first day of a kind of fact for every project that is registered."""
        registered = {
            report.record_id for report, _ in self.facts if report.kind == "ProjectRegistered"
        }
        days: dict[str, date] = {}
        for report, day in self.facts:
            if report.kind == kind and report.subject in registered:
                days[report.subject] = min(day, days.get(report.subject, day))
        return days

    def registered(self, until: date) -> dict[str, Payload]:
        """Give what is known of each project that was registered by a day."""
        return {
            report.record_id: report.data
            for report, day in self.facts
            if report.kind == "ProjectRegistered" and day <= until
        }


def known_by(reports: Iterable[Report], until: date, kinds: frozenset[str]) -> Known:
    """Fold what arrived until the end of a day, as far as it is of some kinds."""
    newest: dict[str, Report] = {}
    amended: dict[str, Report] = {}
    for report in reports:
        if report.told_on > until:
            continue
        if report.kind in AMENDMENTS:
            amended[report.corrects or ""] = report
        elif report.kind in kinds and report.version >= newest.get(report.key, report).version:
            newest[report.key] = report
    facts = []
    for key, report in newest.items():
        amendment = amended.get(key)
        if amendment is not None and amendment.kind == "EventRetracted":
            continue
        text = report.occurred_on if amendment is None else amendment.data.get("occurred_on", "")
        facts.append((report, FlexDate.parse(text or report.occurred_on).latest))
    return Known(facts)


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of a ranking: the kind of fact that is counted, and the points of each."""

    code: str
    kind: str
    points: int


def counts(
    known: Known, kind: str, span: tuple[date, date], units: Mapping[str, str]
) -> Counter[str]:
    """Count by unit the projects whose first fact of a kind lies in a span."""
    first, last = span
    return Counter(
        units[project]
        for project, day in known.first_days(kind).items()
        if project in units and first <= day <= last
    )


def standing(
    known: Known, metrics: Iterable[Metric], span: tuple[date, date], units: Mapping[str, str]
) -> Payload:
    """Give scores and ranks of all units; equals share a rank."""
    names = sorted(set(units.values()))
    scores: dict[str, Payload] = {name: {} for name in names}
    totals: Counter[str] = Counter()
    for metric in metrics:
        found = counts(known, metric.kind, span, units)
        for name in names:
            points = found[name] * metric.points
            totals[name] += points
            scores[name][metric.code] = {"raw": str(found[name]), "points": str(points)}
    ranks = {name: 1 + sum(totals[other] > totals[name] for other in names) for name in names}
    return {"scores": scores, "ranks": ranks}
