"""What can be said only once, and is said twice: a month's investment, a decision, a phase.

Every function takes only facts visible on the judged day, in fold order. Nothing is refused for it:
the last in fold order counts, and both are shown until one is corrected or taken back.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from domain.fact import Fact
from domain.soft_rule import Broken, SoftRule
from domain.words import Words

CONTESTED: Final = SoftRule(
    "S12",
    "deviation",
    Words("同一月份同一口径有两个不同的完成投资", "two reports of one month say different amounts"),
)
REDECIDED: Final = SoftRule(
    "S14",
    "deviation",
    Words("同一轮准入评审已有最终决定", "the round of admission had been decided already"),
)
REDEFINED: Final = SoftRule(
    "S17",
    "info",
    Words("同一分期标识定义了两次", "a phase of that id had been defined already"),
)

CODE_SHARED: Final = SoftRule(
    "S19",
    "deviation",
    Words("同一项目代码已赋予另一项目", "the code had been assigned to another project"),
)
"""A rule between projects, which is judged where all of them are known."""

SAID_TWICE: Final = (REDECIDED, REDEFINED)

FINAL: Final = frozenset({"pass", "reject"})
"""The outcomes that end a round of admission. A deferral does not, and conditions can be met."""


def said_twice(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Give what decides or defines something that had been decided or defined before."""
    yield from _redecided(facts)
    yield from _redefined(facts)


def codes_shared(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report, from the facts of all projects, codes that another project had been given first."""
    given: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "ProjectCodeAssigned":
            earlier = given[str(fact.payload["code"])]
            other = next((each for each in earlier if each.project != fact.project), None)
            if other is not None:
                yield Broken(CODE_SHARED, None, (other, fact))
            earlier.append(fact)


def contested(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Give the reports of a month that differ from the one before them in fold order.

    Reports of different parts of a month (旬报) are about different days.
    """
    told: dict[tuple[str, str, str | None], Fact] = {}
    for fact in facts:
        if fact.kind != "InvestmentReported":
            continue
        payload = fact.payload
        month = f"{fact.occurred_on.latest:%Y-%m}"
        matter = (payload["basis"], month, payload.get("ten_day"))
        before = told.get(matter)
        if before is not None and before.payload["ytd"]["yuan"] != payload["ytd"]["yuan"]:
            yield Broken(CONTESTED, None, (before, fact))
        told[matter] = fact


def _redecided(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report decisions in a round that had ended; a new submission begins a new one."""
    told = [fact for fact in facts if fact.kind in {"PreAssessmentSubmitted", "AdmissionDecided"}]
    for place, decision in enumerate(told):
        if decision.kind != "AdmissionDecided":
            continue
        for before in reversed(told[:place]):
            if _shares_assessment(before, decision):
                if before.kind == "PreAssessmentSubmitted":
                    break
                if before.payload["outcome"] in FINAL:
                    yield Broken(REDECIDED, None, (before, decision))
                    break


def _shares_assessment(one: Fact, other: Fact) -> bool:
    ids = {one.payload.get("assessment_id"), other.payload.get("assessment_id")}
    return None in ids or len(ids) == 1


def _redefined(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report phases that were defined before."""
    defined: dict[str | None, Fact] = {}
    for fact in facts:
        if fact.kind == "PhaseDefined":
            before = defined.get(fact.phase_id)
            if before is not None:
                yield Broken(REDEFINED, fact.phase_id, (before, fact))
            defined[fact.phase_id] = fact
