"""The statutory clocks that run against a project which does not start: when what becomes void.

A construction permit is void unless works begin within three months; it can be extended twice, by
three months each. A verified or approved investment is void after two years unless it is extended
once, by one year; a filed one holds as long as it says. Land on which nothing was begun is idle,
and a fee is due, a year after the start its contract demands; after two years it is taken back.

Land on which works were begun and have stood still for a year is idle too, where less than a third
of it is built on or less than a quarter of the investment is made.

That works under a construction permit stand still has to be reported within a month; after a year
the permit has to be verified again before they go on.

A start that names no phase, or a matter that names none, counts for each other. Of a coarse date
the last day counts, so nothing is called void before it surely is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from domain.alarm import Alarm, AlarmKind
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.months import months_later
from domain.standstill import suspended
from domain.stopped_land import stopped

PERMIT_MONTHS: Final = 3
PERMIT_EXTENSIONS: Final = 2
APPROVAL_YEARS: Final = 2
APPROVAL_EXTENSION_YEARS: Final = 1
IDLE_YEARS: Final = 1
RESUMED_YEARS: Final = 2
STOP_REPORT_MONTHS: Final = 1
REVERIFY_MONTHS: Final = 12
STOPS: Final = {
    AlarmKind.STOP_REPORT: STOP_REPORT_MONTHS,
    AlarmKind.PERMIT_REVERIFY: REVERIFY_MONTHS,
}
"""How many months after a stop each of its clocks runs out."""

_DECIDED: Final = frozenset({"verification", "approval"})
_ENDED: Final = frozenset({"ProjectTerminated", "ProjectWithdrawn"})
_GIVEN_BACK: Final = frozenset({"resumed", "returned"})
_MONTHS: Final = 12


def alarms(facts: Sequence[Fact]) -> list[Alarm]:
    """Give the clocks that run, from facts in fold order that are visible on the judged day."""
    if any(fact.kind in _ENDED for fact in facts):
        return []
    held = _held(facts)
    issued = _issued(facts)
    found = [*_permits(issued), *_approvals(facts), *_land(facts, held)]
    starts = [fact.phase_id for fact in facts if fact.kind == "ConstructionStarted"]
    waiting = [alarm for alarm in found if not _begun(alarm.phase_id, starts)]
    return [*waiting, *stopped(facts, held), *_stops(facts, issued)]


def _begun(phase: str | None, starts: Iterable[str | None]) -> bool:
    return any(None in {phase, start} or phase == start for start in starts)


def _issued(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Give every construction permit that is not void already, as often as it was issued."""
    issued: dict[str, list[Fact]] = {}
    for fact in facts:
        certificate = fact.payload.get("certificate_no")
        if fact.kind == "PermitIssued" and fact.payload["permit_kind"] == "construction_permit":
            issued.setdefault(str(certificate), []).append(fact)
        elif fact.kind == "PermitLapsedOrRevoked":
            issued.pop(str(certificate), None)
    return issued


def _permits(issued: Mapping[str, Sequence[Fact]]) -> list[Alarm]:
    """Give the clock of every construction permit."""
    return [
        Alarm(AlarmKind.PERMIT_VOID, number, each[-1].phase_id, each[-1], _permit_end(each))
        for number, each in issued.items()
    ]


def _stops(facts: Sequence[Fact], issued: Mapping[str, Sequence[Fact]]) -> list[Alarm]:
    """Give both clocks of every construction permit under which works stand still."""
    found = []
    for number, each in issued.items():
        phase = each[-1].phase_id
        halt = suspended(facts, phase)
        if halt is not None:
            for kind, months in STOPS.items():
                on = months_later(halt.occurred_on.latest, months)
                found.append(Alarm(kind, number, phase, halt, on))
    return found


def _permit_end(issues: Sequence[Fact]) -> date:
    first = issues[0].occurred_on.latest
    longest = months_later(first, PERMIT_MONTHS * (1 + PERMIT_EXTENSIONS))
    said = issues[-1].payload.get("valid_until")
    if said is not None:
        return min(FlexDate.parse(said).latest, longest)
    return min(months_later(first, PERMIT_MONTHS * len(issues)), longest)


def _approvals(facts: Sequence[Fact]) -> list[Alarm]:
    """Give the clock of the document that was decided last."""
    decided = [fact for fact in facts if fact.kind == "InvestmentApprovalObtained"]
    if not decided:
        return []
    last = decided[-1]
    first = next(f for f in decided if f.payload["doc_no"] == last.payload["doc_no"])
    said = last.payload.get("valid_until")
    until = None if said is None else FlexDate.parse(said).latest
    if last.payload["mode"] in _DECIDED:
        since = first.occurred_on.latest
        longest = months_later(since, _MONTHS * (APPROVAL_YEARS + APPROVAL_EXTENSION_YEARS))
        until = min(until, longest) if until else months_later(since, _MONTHS * APPROVAL_YEARS)
    if until is None:
        return []
    return [Alarm(AlarmKind.APPROVAL_VOID, str(last.payload["doc_no"]), None, last, until)]


def _held(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Give the last award of every plot that was not given back."""
    held: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind == "LandAwarded":
            held[str(fact.payload["parcel_id"])] = fact
        elif fact.kind == "LandResumedOrIdle" and fact.payload["act"] in _GIVEN_BACK:
            held.pop(str(fact.payload["parcel_id"]), None)
    return held


def _land(facts: Sequence[Fact], held: Mapping[str, Fact]) -> list[Alarm]:
    """Give both clocks of every plot whose contract says when works must begin."""
    found = []
    for parcel, award in held.items():
        contract = _contract(facts, parcel)
        if contract is not None:
            due = FlexDate.parse(contract.payload["start_due"]).latest
            for kind, years in (
                (AlarmKind.IDLE_LAND, IDLE_YEARS),
                (AlarmKind.LAND_RESUMED, RESUMED_YEARS),
            ):
                on = months_later(due, _MONTHS * years)
                found.append(Alarm(kind, parcel, award.phase_id, contract, on))
    return found


def _contract(facts: Sequence[Fact], parcel: str) -> Fact | None:
    """Give the last contract over a plot; one that names no plot is over each."""
    signed = (fact for fact in reversed(facts) if fact.kind == "LandContractSigned")
    return next((f for f in signed if f.payload.get("parcel_id") in {None, parcel}), None)
