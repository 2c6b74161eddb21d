"""What a fact says of another one that is not so: of a value, of a step before it, of its day.

Every function takes only facts visible on the judged day, in fold order. A rule between a fact and
an earlier one is not kept where the dates say so for sure; where they are too coarse it is silent.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from domain.fact import Fact
from domain.flexdate import beijing_day
from domain.misquotes import misquoted
from domain.months import months_later
from domain.order_rules import Result
from domain.out_of_turn import FALLEN, OUT_OF_TURN, fallen, out_of_turn
from domain.said_twice import CONTESTED, SAID_TWICE, contested, said_twice
from domain.soft_rule import Broken, SoftRule
from domain.words import Words

MISQUOTED: Final = SoftRule(
    "S05",
    "deviation",
    Words("所称的原值与当时有效的值不符", "the old value it names was not the one in force"),
)
UNDECIDED: Final = SoftRule(
    "S06",
    "deviation",
    Words("核发证照时案件尚未办结通过", "a certificate was issued before its case was approved"),
    Words("所核发证照的案件没有办理状态记录", "no status of the case was reported before"),
)
UNRAISED: Final = SoftRule(
    "S07",
    "deviation",
    Words("办结早于提出", "it was closed before it was raised"),
    Words("没有提出的记录", "it was closed without a record of having been raised"),
)
LATE_PLAN: Final = SoftRule(
    "S08",
    "info",
    Words(
        "计划调整在其季度结束之后才上报", "the plan's change was told after its quarter had ended"
    ),
)
EARLY_EVALUATION: Final = SoftRule(
    "S09",
    "deviation",
    Words("后评价早于其检查点", "it was evaluated before the checkpoint it names"),
)
UNENROLLED: Final = SoftRule(
    "S11",
    "deviation",
    Words("入库纳统之前已有列统投资", "statistics counted its investment before it was enrolled"),
    Words(
        "列统投资没有入库纳统的记录", "statistics count its investment, yet it was never enrolled"
    ),
)
HELD_TWICE: Final = SoftRule(
    "S10",
    "violation",
    Words("地块在另一项目名下尚未收回", "the plot was held by another project and not given back"),
)
"""A rule between projects, which is judged where all of them are known."""

CONTRADICTIONS: Final = (
    *(MISQUOTED, UNDECIDED, UNRAISED, LATE_PLAN, EARLY_EVALUATION, UNENROLLED),
    *(*SAID_TWICE, *OUT_OF_TURN, CONTESTED, FALLEN),
)

APPROVED: Final = frozenset({11, 12})
"""The statuses of a case after which its certificate may be issued."""

CLOSINGS: Final = {
    "IssueResolved": ("IssueRaised", "issue_id"),
    "RequestAnswered": ("RequestReceived", "request_id"),
}
"""What closes a matter, with what raises it and the name under which both know it."""

ANCHORS: Final = {
    "completion": "CompletionAccepted",
    "commissioning": "Commissioned",
    "capacity": "CapacityReached",
}
"""The kinds from which the checkpoints of an evaluation are counted."""

_ORDERED: Final = "commissioning"
"""The checkpoint of which the order of a life says already that it comes after its event."""

_CHECKPOINT: Final = re.compile(r"([a-z]+)(?:\+([0-9]+))?")
_QUARTER: Final = 3


def contradictions(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Give what facts say of others that is not so."""
    for fact, stated in misquoted(facts):
        yield Broken(MISQUOTED, fact.phase_id, (stated, fact))
    yield from _undecided(facts)
    yield from _unraised(facts)
    yield from _late_plans(facts)
    yield from _early(facts)
    yield from _unenrolled(facts)
    yield from said_twice(facts)
    yield from out_of_turn(facts)
    yield from contested(facts)
    yield from fallen(facts)


def held_twice(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report, from the facts of all projects, plots awarded while another project held them.

    A holder lets go of a plot by giving it back, by having it taken, or by coming to its end.
    """
    awards = [fact for fact in facts if fact.kind == "LandAwarded"]
    for place, award in enumerate(awards):
        parcel = award.payload["parcel_id"]
        for held in awards[:place]:
            if held.payload["parcel_id"] == parcel and held.project != award.project:
                until = award.order_key
                since = [fact for fact in facts if fact.order_key <= until]
                if not any(_lets_go(fact, held, until) for fact in since):
                    yield Broken(HELD_TWICE, award.phase_id, (held, award))


def _lets_go(fact: Fact, held: Fact, until: str) -> bool:
    """Tell whether a fact ends the hold of a plot that was awarded before."""
    if fact.kind in {"ProjectTerminated", "ProjectWithdrawn"}:
        return fact.project == held.project and fact.order_key < until
    return (
        fact.kind == "LandResumedOrIdle"
        and fact.payload["act"] in {"resumed", "returned"}
        and fact.payload["parcel_id"] == held.payload["parcel_id"]
        and fact.order_key >= held.order_key
    )


def _undecided(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report certificates of cases that were surely not approved by then."""
    statuses = [
        fact
        for fact in facts
        if fact.kind == "PermitStatusReported" and not fact.payload["simulated"]
    ]
    for issue in facts:
        if issue.kind != "PermitIssued":
            continue
        case = [s for s in statuses if s.payload["case_no"] == issue.payload["case_no"]]
        approvals = [each for each in case if each.payload["status"] in APPROVED]
        day = issue.occurred_on.latest
        if not case:
            yield Broken(UNDECIDED, issue.phase_id, (issue,), Result.MISSING_PREDECESSOR)
        elif all(each.occurred_on.earliest > day for each in approvals):
            yield Broken(UNDECIDED, issue.phase_id, ((approvals or case[-1:])[0], issue))


def _unraised(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report what was surely closed before it was raised, or was never raised."""
    for closing in facts:
        if closing.kind not in CLOSINGS:
            continue
        kind, name = CLOSINGS[closing.kind]
        raised = [f for f in facts if f.kind == kind and f.payload[name] == closing.payload[name]]
        day = closing.occurred_on.latest
        if not raised:
            yield Broken(UNRAISED, None, (closing,), Result.MISSING_PREDECESSOR)
        elif all(each.occurred_on.earliest > day for each in raised):
            yield Broken(UNRAISED, None, (raised[0], closing))


def _late_plans(facts: Iterable[Fact]) -> Iterator[Broken]:
    """Report changes of annual plans that were first recorded after the quarter of their day."""
    for fact in facts:
        if fact.kind == "ListingAmended" and "annual_plan" in fact.payload:
            decided = fact.occurred_on.latest
            first_month = decided.month - (decided.month - 1) % _QUARTER
            quarter = date(decided.year, first_month, 1)
            if beijing_day(fact.recorded_at) >= months_later(quarter, _QUARTER):
                yield Broken(LATE_PLAN, None, (fact,))


def _early(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report evaluations that were surely completed before their checkpoint had come."""
    for fact in facts:
        if fact.kind != "PostEvaluationCompleted":
            continue
        checkpoint = _CHECKPOINT.fullmatch(fact.payload["checkpoint"])
        name, months = checkpoint.groups() if checkpoint else ("", None)
        anchor = next((f for f in facts if f.kind == ANCHORS.get(name)), None)
        if anchor is None:
            continue
        done, since = fact.occurred_on.latest, anchor.occurred_on.earliest
        told = name == _ORDERED and done < since
        if not told and done < months_later(since, int(months or 0)):
            yield Broken(EARLY_EVALUATION, None, (anchor, fact))


def _unenrolled(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report the first statistical investment of a month that was over before the enrolment."""
    reports = (fact for fact in facts if fact.kind == "InvestmentReported")
    first = next((f for f in reports if f.payload["basis"] == "statistical"), None)
    if first is None:
        return
    enrolled = [fact for fact in facts if fact.kind == "StatisticsEnrolled"]
    if not enrolled:
        yield Broken(UNENROLLED, None, (first,), Result.MISSING_PREDECESSOR)
    elif all(each.occurred_on.earliest > first.occurred_on.latest for each in enrolled):
        yield Broken(UNENROLLED, None, (enrolled[0], first))
