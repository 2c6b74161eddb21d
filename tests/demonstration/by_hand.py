"""Fold the deliveries of the demonstration in plain Python, as naively as possible."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from domain.envelope import Actor, Source
from domain.fact import Fact, order_key, phase_of
from domain.flexdate import FlexDate
from domain.kinds import KINDS

AMENDMENTS = ("EventCorrected", "EventRetracted")


@dataclass(frozen=True)
class Told:
    """A fact as it stands after every amendment."""

    kind: str
    project: str
    date: FlexDate
    data: dict[str, Any]
    system: str
    record_id: str
    received_at: datetime

    @property
    def day(self) -> date:
        """Give the day on which the fact is surely true."""
        return self.date.latest

    def as_fact(self) -> Fact:
        """Give the fact as judgements take it; its ids are made up, for no judgement reads them."""
        payload = {name: value for name, value in self.data.items() if name != "evidence"}
        payload = KINDS[self.kind].validated(payload)
        source = Source(system=self.system, record_id=self.record_id)
        return Fact(
            id=self.record_id,
            position=1,
            cause=self.record_id,
            kind=self.kind,
            stream=self.project,
            project=self.project,
            phase_id=phase_of(self.kind, payload),
            occurred_on=self.date,
            payload=payload,
            actor=Actor(id="office", org="office", role="office"),
            source=source,
            evidence=(),
            reason=None,
            order_key=order_key(self.date, self.kind, source),
            recorded_at=self.received_at,
        )


def effective(events: Iterable[dict[str, Any]]) -> list[Told]:
    """Keep the newest version of every record, amend it, and give what is left."""
    newest: dict[str, dict[str, Any]] = {}
    received: dict[str, datetime] = {}
    versions: dict[str, int] = {}
    subjects: dict[str, str] = {}
    for event in events:
        record, _, version = event["id"].partition("#")
        key = f"source:{event['source'].removeprefix('/sources/')}/{record}"
        received.setdefault(key, datetime.fromisoformat(event["receivedat"]))
        if int(version) > versions.get(key, 0):
            versions[key], newest[key] = int(version), event
        if event["type"] == "ProjectCodeAssigned":
            subject = subjects.get(event["subject"], event["subject"])
            subjects.setdefault(f"code:{event['data']['code']}", subject)
    amended = {event["corrects"]: event for event in newest.values() if event["type"] in AMENDMENTS}
    facts = [
        _told(event, amended.get(key), subjects, received[key])
        for key, event in newest.items()
        if event["type"] not in AMENDMENTS
    ]
    return sorted((fact for fact in facts if fact), key=lambda fact: fact.date.earliest)


def _told(
    event: dict[str, Any],
    amendment: dict[str, Any] | None,
    subjects: dict[str, str],
    received_at: datetime,
) -> Told | None:
    data, when = event["data"], event["occurredon"]
    if amendment is not None:
        if amendment["type"] == "EventRetracted":
            return None
        data = amendment["data"].get("payload", data)
        when = amendment["data"].get("occurred_on", when)
    project = subjects.get(event["subject"], event["subject"])
    system, record_id = event["source"].rpartition("/")[2], event["id"].partition("#")[0]
    on = FlexDate.parse(when)
    return Told(event["type"], project, on, data, system, record_id, received_at)


def received_by(events: Iterable[dict[str, Any]], known: str) -> list[dict[str, Any]]:
    """Give the deliveries that had arrived by a moment."""
    until = datetime.fromisoformat(known)
    return [event for event in events if datetime.fromisoformat(event["receivedat"]) <= until]


class Portfolio:
    """The effective facts, project by project, of the regions that begin with a prefix."""

    def __init__(self, facts: Iterable[Told], region: str, on: date = date.max) -> None:
        """Take the facts visible on a day."""
        seen = [fact for fact in facts if fact.day <= on]
        districts = {
            fact.project: fact.data["district"] for fact in seen if fact.kind == "ProjectRegistered"
        }
        self.levels = {
            fact.data["list_id"]: (fact.data["level"], fact.data["year"])
            for fact in seen
            if fact.kind == "MajorProjectListPublished"
        }
        self.facts = [fact for fact in seen if districts.get(fact.project, "").startswith(region)]
        by_project = sorted(self.facts, key=lambda fact: fact.project)
        self.projects = {
            project: list(group) for project, group in groupby(by_project, lambda f: f.project)
        }

    def of(self, project: str, *kinds: str) -> list[Told]:
        """Give the facts of one project of some kinds, oldest first."""
        found = [fact for fact in self.projects.get(project, ()) if fact.kind in kinds]
        return sorted(found, key=lambda fact: fact.date.earliest)

    def having(self, *kinds: str) -> set[str]:
        """Name the projects that have a fact of one of the kinds."""
        return {fact.project for fact in self.facts if fact.kind in kinds}

    def titled(self, words: str) -> str:
        """Name the one project whose title holds some words."""
        (found,) = {
            fact.project
            for fact in self.facts
            if fact.kind == "ProjectRegistered" and words in fact.data["title"]
        }
        return found

    def entries(self, level: str, year: int) -> dict[str, tuple[str, int]]:
        """Give the class and the plan in yuan of every project on the lists of a level and year."""
        standing: dict[str, tuple[str, int]] = {}
        for fact in self.facts:
            if fact.kind == "ProjectListed" and self._is(fact, level, year):
                standing[fact.project] = (fact.data["class"], fact.data["annual_plan"]["yuan"])
        for fact in self.facts:
            if fact.kind == "ListingAmended" and self._is(fact, level, year):
                if fact.data["act"] == "remove":
                    del standing[fact.project]
                else:
                    kind, _ = standing[fact.project]
                    standing[fact.project] = (kind, fact.data["annual_plan"]["yuan"])
        return standing

    def _is(self, fact: Told, level: str, year: int) -> bool:
        return self.levels.get(fact.data["list_id"]) == (level, year)

    def invested(self, project: str, basis: str, year: int) -> int:
        """Give the last reported yuan of the year to date, 0 without a report."""
        reports = [
            fact
            for fact in self.of(project, "InvestmentReported")
            if fact.data["basis"] == basis and fact.day.year == year
        ]
        return max(reports, key=lambda fact: fact.day).data["ytd"]["yuan"] if reports else 0


def working_days(first: date, last: date, is_workday: Any) -> int:
    """Count the working days after the first day up to the last."""
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return sum(map(is_workday, days))


def overdue(portfolio: Portfolio, on: date) -> list[tuple[str, str, str, str]]:
    """Name project, node, unit and person of what is late on a day."""
    late = []
    reached = {
        "land_awarded": "LandAwarded",
        "construction_started": "ConstructionStarted",
        "completion_accepted": "CompletionAccepted",
        "commissioned": "Commissioned",
    }
    for project in portfolio.projects:
        nodes: dict[str, Any] = {}
        for plan in portfolio.of(project, "MilestonePlanned", "MilestoneReplanned"):
            nodes[plan.data["node"]] = (
                plan.data.get("new") or plan.data["planned"],
                plan.data.get("responsible_unit") or nodes[plan.data["node"]][1],
                plan.data.get("responsible_person") or nodes[plan.data["node"]][2],
            )
        for node, (planned, unit, person) in nodes.items():
            if FlexDate.parse(planned).latest < on and not portfolio.of(project, reached[node]):
                late.append((project, node, unit, person))
    return late
