"""Tell since when works stand still: begun, not finished, and suspended without a resumption.

Works count as standing still from the first suspension after the last resumption of the phase, or
of the whole project.
"""

from collections.abc import Sequence
from typing import Final

from domain.fact import Fact

FINISHED: Final = frozenset({"CompletionAccepted", "TrialProductionStarted", "Commissioned"})


def of_phase(facts: Sequence[Fact], phase: str | None) -> list[Fact]:
    """Give the facts that are about a phase, or about no phase in particular."""
    return [fact for fact in facts if None in {phase, fact.phase_id} or fact.phase_id == phase]


def suspended(facts: Sequence[Fact], phase: str | None) -> Fact | None:
    """Give the suspension since which the works of a phase stand still, if they do."""
    mine = of_phase(facts, phase)
    begun = any(fact.kind == "ConstructionStarted" for fact in mine)
    if not begun or any(fact.kind in FINISHED for fact in mine):
        return None
    since = None
    for fact in mine:
        if fact.kind == "ProjectResumed":
            since = None
        elif fact.kind == "ProjectSuspended":
            since = since or fact
    return since
