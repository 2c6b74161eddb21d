"""Invent a portfolio of projects, always the same for the same seed.

Each project is registered and signed, plans six nodes and has reached some of them. A later chapter
moves plans, corrects dates and reports more, so that the past differs from the present.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.policies import presets
from server.bench.told import Told

NODES = (
    "land_awarded",
    "construction_permit",
    "construction_started",
    "statistics_enrolled",
    "completion_accepted",
    "commissioned",
)
DISTRICTS = ("320582", "320412", "321102", "321111", "320506", "320585", "320213", "320481")
_FIRST = date(2023, 6, 1)
_WHOLE_COUNTRY = ""
_YUAN = 10_000
_CORRECTED_ONE_IN = 10
_TOLD_AT = 1_720_000_000_000
"""Milliseconds; each fact is told one later than the one before."""


class Portfolio:
    """Writes the facts of many projects, in the order in which they would arrive."""

    def __init__(self, seed: int = 2024) -> None:
        """Invent from a seed."""
        self._random = random.Random(seed)
        self._records = 0
        self._started: list[Told] = []

    def policies(self) -> Iterator[Told]:
        """Adopt the presets that hold in the whole country."""
        for policy in presets():
            if policy.jurisdiction == _WHOLE_COUNTRY:
                payload = {
                    "policy_id": policy.id,
                    "kind": policy.kind,
                    "version": policy.version,
                    "effective_from": policy.effective_from.isoformat(),
                    "sha256": policy.sha256,
                    "body": policy.body,
                }
                if policy.effective_to is not None:
                    payload["effective_to"] = policy.effective_to.isoformat()
                yield self.fact("PolicyAdopted", f"policy/{policy.id}", _FIRST, payload)

    def projects(self, first: int, count: int) -> Iterator[Told]:
        """Tell the lives of the projects of so many numbers."""
        for number in range(first, first + count):
            yield from self.life(f"project/bench-{number:06d}", number)

    def later(self, first: int, count: int) -> Iterator[Told]:
        """Move plans of every second of these projects, and report or correct starts of others."""
        for number in range(first, first + count):
            stream = f"project/bench-{number:06d}"
            if number % 2:
                payload = {
                    "plan_id": f"plan-{number}",
                    "node": "commissioned",
                    "old": "2025-Q1",
                    "approved_by": "市重大项目办",
                    "new": "2025-Q2",
                    "counts_as_new_baseline": number % 4 == 1,
                }
                yield self.fact(
                    "MilestoneReplanned",
                    stream,
                    date(2024, 10, 8),
                    payload,
                    reason="The line arrives later.",
                )
            else:
                day = date(2024, 10, 1) + timedelta(days=number % 60)
                yield self.fact(
                    "ConstructionStarted", stream, day, {"basis": "permit", "self_reported": True}
                )
        for started in self._started[: count // _CORRECTED_ONE_IN]:
            yield self.corrected(started, date(2024, 10, 9))

    def life(self, stream: str, number: int) -> Iterator[Told]:
        """Tell one project from its registration to the last node it has reached."""
        chance = self._random
        start = _FIRST + timedelta(days=chance.randrange(300))
        yuan = chance.randrange(2_000, 200_000) * _YUAN
        yield self.fact(
            "ProjectRegistered",
            stream,
            start,
            {
                "title": f"精密制造项目 {number}",
                "district": DISTRICTS[number % len(DISTRICTS)],
                "industry_gb4754": "C3311",
                "intended_investment": {"yuan": yuan},
                "intended_land_mu": f"{chance.randrange(20, 300)}.5",
                "stage": "negotiating",
            },
        )
        yield self.fact(
            "ProjectSigned",
            stream,
            start + timedelta(days=30),
            {
                "agreement_no": f"agreement-{number}",
                "total_investment": {"yuan": yuan},
                "fixed_asset_investment": {"yuan": yuan // 2},
                "is_foreign": False,
                "origin_region": "上海",
            },
        )
        due = [start + timedelta(days=90 + 80 * step) for step in range(len(NODES))]
        for node, day in zip(NODES, due, strict=True):
            payload = {"plan_id": f"plan-{number}", "node": node, "planned": day.isoformat()}
            payload |= {"responsible_unit": "大新镇", "responsible_person": "王某"}
            yield self.fact("MilestonePlanned", stream, start + timedelta(days=31), payload)
        yield from self._reached(stream, number, due)

    def _reached(self, stream: str, number: int, due: list[date]) -> Iterator[Told]:
        """Reach the first nodes, some of them late, and spend money meanwhile."""
        reached = self._random.randrange(len(NODES) + 1)
        for node, day in list(zip(NODES, due, strict=True))[:reached]:
            late = timedelta(days=self._random.choice((-20, -3, 0, 4, 15, 50)))
            kind, payload = _actual(node, number)
            told = self.fact(kind, stream, day + late, payload)
            if kind == "ConstructionStarted":
                self._started.append(told)
            yield told
        spent = {"yuan": reached * 500 * _YUAN}
        report = {"basis": "statistical", "method": "progress", "ytd": spent}
        yield self.fact("InvestmentReported", stream, "2024-06", report)

    def corrected(self, told: Told, decided_on: date) -> Told:
        """Correct the date of a fact."""
        return self.fact(
            "EventCorrected",
            told.stream,
            decided_on,
            {"occurred_on": "2024-06-19"},
            corrects=told,
            reason="The minutes say another day.",
        )

    def fact(
        self,
        kind: str,
        stream: str,
        occurred_on: date | str,
        payload: dict[str, Any],
        *,
        corrects: Told | None = None,
        reason: str | None = None,
    ) -> Told:
        """Tell one fact, from a record of its own."""
        self._records += 1
        identifier = self._identifier()
        record = f"R-{self._records}"
        day = str(occurred_on)
        return Told(identifier, record, kind, stream, day, payload, corrects, reason)

    def _identifier(self) -> str:
        """Give a UUID of version 7, as facts have: later ones sort behind earlier ones."""
        time = f"{_TOLD_AT + self._records:012x}"
        tail = f"{self._random.getrandbits(62) | 1 << 63:016x}"
        return f"{time[:8]}-{time[8:]}-7000-{tail[:4]}-{tail[4:]}"


def _actual(node: str, number: int) -> tuple[str, dict[str, Any]]:
    """Give the fact that reaches a node."""
    if node == "land_awarded":
        payload = {"parcel_id": f"parcel-{number}", "area_mu": "53.05", "mode": "listing"}
        return "LandAwarded", {**payload, "price": {"yuan": 15_915_000}}
    if node == "construction_permit":
        payload = {"case_no": f"case-{number}", "permit_kind": node, "stage": "whole"}
        return "PermitIssued", {**payload, "certificate_no": f"{number:018d}", "tolerance": False}
    if node == "construction_started":
        return "ConstructionStarted", {"basis": "permit", "self_reported": False}
    if node == "statistics_enrolled":
        return "StatisticsEnrolled", {
            "stat_id": f"S-{number}",
            "planned_total": {"yuan": _YUAN},
            "start_evidence": "permit",
        }
    if node == "completion_accepted":
        return "CompletionAccepted", {"scope": "whole", "conditions": []}
    return "Commissioned", {"verified": True}
