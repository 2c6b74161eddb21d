"""Find land that becomes idle because works on it stand still, with too little of them done.

Nothing is said where neither the area built on nor the investment is known.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from domain.alarm import Alarm, AlarmKind
from domain.fact import Fact
from domain.months import months_later
from domain.revisions import signings
from domain.standstill import of_phase, suspended

STOPPED_YEARS: Final = 1
AREA_PARTS: Final = 3
"""Of that many parts of the area at least one must be built on (三分之一)."""
INVESTMENT_PARTS: Final = 4
"""Of that many parts of the investment at least one must be made (百分之二十五)."""

_MONTHS: Final = 12


def stopped(facts: Sequence[Fact], held: Mapping[str, Fact]) -> list[Alarm]:
    """Give the clock of every plot held, by its award, on which works stand still too early."""
    found = []
    for parcel, award in held.items():
        halt = suspended(facts, award.phase_id)
        if halt and _is_too_little(of_phase(facts, award.phase_id), facts, award):
            on = months_later(halt.occurred_on.latest, _MONTHS * STOPPED_YEARS)
            found.append(Alarm(AlarmKind.STOPPED_LAND, parcel, award.phase_id, halt, on))
    return found


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
