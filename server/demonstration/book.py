"""Write down the facts of the demonstration as the source systems would tell them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from server.demonstration.days import later
from server.demonstration.noise_rates import Noise
from server.demonstration.sources import PREFIXES, SYSTEMS

Payload = dict[str, Any]

LATENESS = {(1, 7): 80, (8, 20): 15, (21, 40): 5}
"""How many of a hundred facts arrive within these days after their own, if 40 are the most."""
USUAL_LATENESS = 40
VOLUME = 100_000
"""The serial numbers of one volume."""
CODES = 2_000
"""The project codes of one volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One telling of one fact by its source.

    `subject` is the registration's record id, or a full stream name for what is not about a
    project. `last_day` is the last day that `occurred_on` may mean, `told_on` the day of the
    delivery and `revised_on` the day on which the source last touched the record. What is `steady`
    is never disturbed; what `slips` is told in the wrong unit if anything is. A registration may
    choose its project's `stream`.
    """

    kind: str
    subject: str
    region: str
    system: str
    record_id: str
    occurred_on: str
    last_day: date
    told_on: date
    revised_on: date
    data: Payload
    version: int = 1
    reason: str | None = None
    corrects: str | None = None
    evidence: str | None = None
    steady: bool = False
    slips: bool = False
    stream: str | None = None

    @property
    def key(self) -> str:
        """Name the record as corrections do."""
        return f"source:{self.system}/{self.record_id}"


class Book:
    """The facts of some projects of one place, in the order in which the story is told.

    A place has as many volumes as it needs; each has its own dice and its own numbers, so that
    they can be told in any order. A book that is `imported_on` a day tells everything that day,
    however old it is. The `closings` tell more once it is known what arrives when. `absorbed`
    counts registrations that turn out to be of one project with others. `trades` is a deck of what
    the next invented projects make.
    """

    def __init__(
        self, seed: str, region: str, *, volume: int = 0, noise: Noise | None = None
    ) -> None:
        """Open an empty book with its own dice."""
        self.random = Random(f"{seed}/{volume}")
        self.region = region
        self.volume = volume
        self.noise = noise or Noise()
        self.reports: list[Report] = []
        self.imported_on: date | None = None
        self.closings: list[Closing] = []
        self.absorbed = 0
        self.trades: list[tuple[str, str]] = []
        self._serials: Counter[str] = Counter()

    def record_id(self, system: str) -> str:
        """Give the next record number of a system."""
        return f"{PREFIXES[system]}-{self.region}-{self.serial(system):05d}"

    def serial(self, name: str) -> int:
        """Count upwards under a name; no volume of a place repeats a number of another."""
        self._serials[name] += 1
        return self.volume * VOLUME + self._serials[name]

    def count(self, name: str) -> int:
        """Count upwards under a name within the volume."""
        self._serials[name] += 1
        return self._serials[name]

    def code_number(self) -> int:
        """Give the next number for a project code; the place has 450 volumes of them."""
        return self.volume * CODES + self.count("code")

    def lateness(self) -> int:
        """Draw the days between a fact and its delivery: mostly a week, at most forty days."""
        ((first, last),) = self.random.choices(tuple(LATENESS), tuple(LATENESS.values()))
        days = self.random.randint(first, last)
        return max(1, round(days * self.noise.lateness / USUAL_LATENESS))

    def tell(
        self,
        kind: str,
        subject: str,
        on: date,
        data: Payload,
        *,
        text: str | None = None,
        told_on: date | None = None,
        system: str | None = None,
        reason: str | None = None,
        evidence: str | None = None,
        region: str | None = None,
        steady: bool = False,
        slips: bool = False,
        stream: str | None = None,
    ) -> Report:
        """Add a fact, a new project's if it has no subject; `on` is the last day of its `text`."""
        source = system or SYSTEMS[kind]
        told = self.imported_on or told_on or later(on, self.lateness())
        record_id = self.record_id(source)
        report = Report(
            kind=kind,
            subject=subject or record_id,
            region=region or self.region,
            system=source,
            record_id=record_id,
            occurred_on=text or on.isoformat(),
            last_day=on,
            told_on=told,
            revised_on=told,
            data=data,
            reason=reason,
            evidence=evidence,
            steady=steady,
            slips=slips,
            stream=stream,
        )
        self.reports.append(report)
        return report

    def amend(
        self, target: Report, kind: str, data: Payload, *, told_on: date, reason: str
    ) -> Report:
        """Give the correction or retraction of a fact, without adding it."""
        system = SYSTEMS[kind]
        decided = later(told_on, -1)
        return Report(
            kind=kind,
            subject=target.subject,
            region=target.region,
            system=system,
            record_id=self.record_id(system),
            occurred_on=decided.isoformat(),
            last_day=decided,
            told_on=told_on,
            revised_on=told_on,
            data=data,
            reason=reason,
            corrects=target.key,
            steady=True,
        )

    def retract(self, target: Report, *, told_on: date, reason: str) -> None:
        """Add the retraction of a fact."""
        amended = self.amend(target, "EventRetracted", {}, told_on=told_on, reason=reason)
        self.reports.append(amended)


Closing = Callable[[Book, Sequence[Report]], list[Report]]
"""Tells reports that follow from the others as they arrive, with all their disturbances."""
