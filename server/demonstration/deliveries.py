"""Turn reports into CloudEvents in the order in which they reach the ledger."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from random import Random
from typing import NamedTuple

from server.demonstration.book import Book, Payload, Report
from server.demonstration.noise import disturbed
from server.demonstration.sources import HOURS, office, seat_of

BEIJING = timezone(timedelta(hours=8))
REGISTRATION = "ProjectRegistered"
BY_CODE = 0.5
"""The share of facts that name their project by its code, once the code is known."""
MINUTES = {"320412": 20, "320582": 0, "3206": 30}
"""Each city delivers at its own minutes; Zhenjiang and the province share one."""


class Arrival(NamedTuple):
    """A CloudEvent, when it arrives, and whether one that arrived before waits for it."""

    received_at: str
    awaited: bool
    event: Payload


def arrivals(book: Book) -> Iterator[Arrival]:
    """Give the deliveries of a book in order of arrival.

    Those of one moment come in any order, but for registrations, which their source sends first.
    """
    random = book.random
    ordered = disturbed(book)
    for close in book.closings:
        ordered += close(book, ordered)
    random.shuffle(ordered)
    ordered.sort(key=lambda report: (_received_at(report), report.kind != REGISTRATION))
    known: set[str] = set()
    wanted: set[str] = set()
    for moment, together in groupby(_events(ordered, random), key=_moment_of):
        events = list(together)
        brought = [_brought(event) for event in events]
        known.update(*brought)
        wanted.update(name for event in events for name in _named(event) if name not in known)
        for event, names in zip(events, brought, strict=True):
            yield Arrival(moment, not wanted.isdisjoint(names), event)
        wanted.difference_update(*brought)


def _events(reports: Iterable[Report], random: Random) -> Iterator[Payload]:
    """Write the reports as CloudEvents; a project's code is used once it has been told."""
    codes: dict[str, str] = {}
    for report in reports:
        yield _event(report, _subject(report, codes, random))
        if report.kind == "ProjectCodeAssigned":
            codes[report.subject] = report.data["code"]


def _moment_of(event: Payload) -> str:
    """Give the moment at which an event arrives."""
    return str(event["receivedat"])


def _brought(event: Payload) -> list[str]:
    """Give the names under which a delivery makes something known."""
    system, record = event["source"].rpartition("/")[2], event["id"].partition("#")[0]
    names = [f"source:{system}/{record}"]
    if event["type"] == "ProjectCodeAssigned":
        names.append(f"code:{event['data']['code']}")
    return names


def _named(event: Payload) -> list[str]:
    """Give the names that must be known before a delivery can be recorded."""
    aliases = (event["subject"], event.get("corrects", ""))
    return [alias for alias in aliases if alias.startswith(("source:", "code:"))]


def _subject(report: Report, codes: dict[str, str], random: Random) -> str:
    """Name the stream, or the project by its code or by the record that registered it."""
    if report.stream is not None:
        return report.stream
    if "/" in report.subject:
        return report.subject
    if report.subject in codes and random.random() < BY_CODE:
        return f"code:{codes[report.subject]}"
    return f"source:investment-promotion/{report.subject}"


def _received_at(report: Report) -> str:
    """Give the moment of arrival: a system delivers once a day, at its hour."""
    return _moment(report.told_on, report.system, report.region)


@lru_cache(maxsize=2**14)
def _moment(day: date, system: str, region: str, *, hours_before: int = 0) -> str:
    """Write the moment at which a system delivers for a region, or some hours before it."""
    clock = time(HOURS[system], MINUTES.get(seat_of(region), 40))
    moment = datetime.combine(day, clock, BEIJING) - timedelta(hours=hours_before)
    return moment.isoformat()


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
        "time": _moment(report.revised_on, report.system, report.region, hours_before=1),
        "datacontenttype": "application/json",
        "occurredon": report.occurred_on,
        "receivedat": _received_at(report),
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
