"""Turn reports into CloudEvents in the order in which they reach the ledger."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from hashlib import sha256
from random import Random

from server.demonstration.book import Payload, Report
from server.demonstration.sources import HOURS, office

BEIJING = timezone(timedelta(hours=8))
BY_CODE = 0.5
"""The share of facts that name their project by its code, once the code is known."""
MINUTES = {"320412": 20, "320582": 0}
"""Each city delivers at its own minutes; those of Zhenjiang share one."""


def cloud_events(reports: Iterable[Report], random: Random) -> list[Payload]:
    """Give the deliveries in order of arrival; those of one moment come in any order."""
    ordered = list(reports)
    random.shuffle(ordered)
    ordered.sort(key=_received_at)
    codes: dict[str, str] = {}
    events = []
    for report in ordered:
        events.append(_event(report, _subject(report, codes, random)))
        if report.kind == "ProjectCodeAssigned":
            codes[report.subject] = report.data["code"]
    return events


def _subject(report: Report, codes: dict[str, str], random: Random) -> str:
    """Name the stream, or the project by its code or by the record that registered it."""
    if "/" in report.subject:
        return report.subject
    if report.subject in codes and random.random() < BY_CODE:
        return f"code:{codes[report.subject]}"
    return f"source:investment-promotion/{report.subject}"


def _received_at(report: Report) -> datetime:
    """Give the moment of arrival: a system delivers once a day, at its hour."""
    return _moment(report.told_on, report)


def _moment(day: date, report: Report) -> datetime:
    hour, minute = HOURS[report.system], MINUTES.get(report.region, 40)
    return datetime.combine(day, time(hour, minute), BEIJING)


def _event(report: Report, subject: str) -> Payload:
    """Write one delivery."""
    who = office(report.system, report.region)
    data = dict(report.data)
    if report.evidence is not None:
        data["evidence"] = [_evidence(report, report.evidence)]
    event: Payload = {
        "specversion": "1.0",
        "id": f"{report.record_id}#{report.version}",
        "source": f"/sources/{report.system}",
        "type": report.kind,
        "subject": subject,
        "time": (_moment(report.revised_on, report) - timedelta(hours=1)).isoformat(),
        "datacontenttype": "application/json",
        "occurredon": report.occurred_on,
        "receivedat": _received_at(report).isoformat(),
        "actorid": who.id,
        "actorname": who.name,
        "actororg": who.org,
        "actorrole": who.role,
        "data": data,
    }
    if report.reason is not None:
        event["reason"] = report.reason
    if report.corrects is not None:
        event["corrects"] = report.corrects
    return event


def _evidence(report: Report, title: str) -> Payload:
    """Describe the document behind a fact; its digest is that of an invented text."""
    text = f"{title} {report.record_id}"
    return {
        "id": f"{report.record_id}-1",
        "title": title,
        "sha256": sha256(text.encode()).hexdigest(),
        "uri": f"urn:demonstration:document:{report.record_id}",
        "page": 1,
    }
