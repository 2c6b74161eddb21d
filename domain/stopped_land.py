"""Find land that becomes idle because works on it stand still, with too little of them done.

Works count as standing still from the first suspension after the last resumption of the phase, or
of the whole project. Nothing is said where neither the area built on nor the investment is known.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from domain.alarm import Alarm, AlarmKind
from domain.fact import Fact
from domain.months import months_later
from domain.revisions import signings

STOPPED_YEARS: Final = 1
AREA_PARTS: Final = 3
"""Of that many parts of the area at least one must be built on (三分之一)."""
INVESTMENT_PARTS: Final = 4
"""Of that many parts of the investment at least one must be made (百分之二十五)."""

FINISHED: Final = frozenset({"CompletionAccepted", "TrialProductionStarted", "Commissioned"})
_MONTHS: Final = 12


def stopped(facts: Sequence[Fact], held: Mapping[str, Fact]) -> list[Alarm]:
    """Give the clock of every plot held, by its award, on which works stand still too early."""
    found = []
    for parcel, award in held.items():
        mine = [fact for fact in facts if _shares_phase(fact, award)]
        suspended = _suspended(mine)
        begun = any(fact.kind == "ConstructionStarted" for fact in mine)
        finished = any(fact.kind in FINISHED for fact in mine)
        if suspended and begun and not finished and _is_too_little(mine, facts, award):
            on = months_later(suspended.occurred_on.latest, _MONTHS * STOPPED_YEARS)
            kind = AlarmKind.STOPPED_LAND
            found.append(Alarm(kind, parcel, award.phase_id, suspended, on))
    return found


def _shares_phase(one: Fact, other: Fact) -> bool:
    return one.phase_id == other.phase_id or None in {one.phase_id, other.phase_id}


def _suspended(facts: Sequence[Fact]) -> Fact | None:
    """Give the suspension since which works stand still, if they do."""
    since = None
    for fact in facts:
        if fact.kind == "ProjectResumed":
            since = None
        elif fact.kind == "ProjectSuspended":
            since = since or fact
    return since


def _is_too_little(mine: Sequence[Fact], facts: Sequence[Fact], award: Fact) -> bool:
    """Tell whether too little of the plot is built on, or of the investment is made."""
    built = [
        Decimal(fact.payload["developed_mu"])
        for fact in mine
        if fact.kind == "PhysicalProgressReported" and "developed_mu" in fact.payload
    ]
    if built and AREA_PARTS * built[-1] < Decimal(award.payload["area_mu"]):
        return True
    made, signed = _invested(facts), signings(facts)
    wanted = int(signed[-1].whole["total_investment"]["yuan"]) if signed else None
    return made is not None and wanted is not None and INVESTMENT_PARTS * made < wanted


def _invested(facts: Sequence[Fact]) -> int | None:
    """Give what was invested in all: as last reported, else the years of the larger basis."""
    cumulative = None
    years: dict[str, dict[int, int]] = defaultdict(dict)
    for fact in facts:
        if fact.kind == "InvestmentReported":
            payload = fact.payload
            cumulative = payload.get("cumulative", cumulative)
            year = fact.occurred_on.latest.year
            years[str(payload["basis"])][year] = int(payload["ytd"]["yuan"])
    if cumulative is not None:
        return int(cumulative["yuan"])
    return max((sum(each.values()) for each in years.values()), default=None)
