"""What comes when it should not: amounts that fall, denied starts, cases that go on, late re-plans.

Every function takes only facts visible on the judged day, in fold order. Dates too coarse to tell
break no rule.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.investment import reports
from domain.misquotes import PLANS, REPLAN
from domain.soft_rule import Broken, SoftRule
from domain.splits import SPLIT
from domain.words import Words

FALLEN: Final = SoftRule(
    "S13",
    "deviation",
    Words("年内累计完成投资低于此前月份", "less was invested since January than a month before"),
)
DENIED: Final = SoftRule(
    "S15",
    "deviation",
    Words(
        "开工核验未予认定，开工上报尚未撤销",
        "an inspection denied the start, and its report was not retracted",
    ),
)
CONTINUED: Final = SoftRule(
    "S16",
    "deviation",
    Words("案件办结之后又有新的办理状态", "the case went on after it had ended"),
)
LATE_REPLAN: Final = SoftRule(
    "S18",
    "info",
    Words("节点到期之后才调整计划", "the node was re-planned after its day had passed"),
)

LATE_WITHDRAWAL: Final = SoftRule(
    "S20",
    "deviation",
    Words(
        "开工之后企业撤回，应按终止办理",
        "the enterprise withdrew after works had begun, where a project is terminated",
    ),
)

OUT_OF_TURN: Final = (DENIED, CONTINUED, LATE_REPLAN, LATE_WITHDRAWAL)

CONFIRMED: Final = "confirmed"
"""The verdict of an inspection that found the works."""

BEGINNINGS: Final = frozenset({1, 3})
"""The statuses by which a case is received, or received anew."""

ENDINGS: Final[dict[int, frozenset[int]]] = {
    2: frozenset({2}),
    4: frozenset({4}),
    5: frozenset({5}),
    11: frozenset({11, 14, 15}),
    12: frozenset({11, 12, 14, 15}),
    13: frozenset({13}),
    14: frozenset({14}),
    15: frozenset({15}),
}
"""The statuses that end a case, with those that may follow: what was approved can be recalled or
revoked, and what is missing of it can be handed in; else it has to be received anew."""


def out_of_turn(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Give what came when it should not."""
    yield from _denied(facts)
    yield from _continued(facts)
    yield from _replanned_late(facts)
    yield from _withdrawn_late(facts)


def fallen(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Give the months of which less is reported than of an earlier one of their year.

    Of a project that was split or merged the amounts may fall, since a part of them went with it.
    """
    told = [fact for fact in facts if fact.kind == "InvestmentReported"]
    if any(fact.kind == SPLIT for fact in facts):
        return
    matters = {(f.occurred_on.latest.year, str(f.payload["basis"])) for f in told}
    for year, basis in sorted(matters):
        monthly = reports(told, year, basis)
        for place, report in enumerate(monthly):
            most = max(monthly[:place], key=lambda each: (each.ytd, -each.month), default=report)
            if most.ytd > report.ytd:
                yield Broken(FALLEN, None, (most.fact, report.fact))


def _denied(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report starts of which the last inspection says that there was none.

    What an inspection found before the start was reported to be made does not speak of it.
    """
    verdicts = [fact for fact in facts if fact.kind == "StartVerified"]
    for start in facts:
        if start.kind != "ConstructionStarted":
            continue
        spoken = [
            verdict
            for verdict in verdicts
            if (None in {start.phase_id, verdict.phase_id} or start.phase_id == verdict.phase_id)
            and (
                verdict.payload["verdict"] == CONFIRMED
                or verdict.occurred_on.latest >= start.occurred_on.latest
            )
        ]
        if spoken and spoken[-1].payload["verdict"] != CONFIRMED:
            yield Broken(DENIED, start.phase_id, (start, spoken[-1]))


def _continued(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report statuses that a case surely had after it had ended."""
    ended: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind != "PermitStatusReported" or fact.payload["simulated"]:
            continue
        case, status = fact.payload["case_no"], fact.payload["status"]
        end = ended.get(case)
        if status in BEGINNINGS:
            ended.pop(case, None)
            continue
        is_over = end is not None and status not in ENDINGS[end.payload["status"]]
        if end is not None and is_over and fact.occurred_on.earliest > end.occurred_on.latest:
            yield Broken(CONTINUED, fact.phase_id, (end, fact))
        if status in ENDINGS:
            ended[case] = fact


def _replanned_late(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report re-plans that were surely decided after the day planned until then."""
    plans = [fact for fact in facts if fact.kind in PLANS]
    for place, fact in enumerate(plans):
        if fact.kind != REPLAN:
            continue
        matter = (fact.payload["plan_id"], fact.payload["node"])
        before = (
            plan
            for plan in reversed(plans[:place])
            if (plan.payload["plan_id"], plan.payload["node"]) == matter
            and plan.occurred_on.latest <= fact.occurred_on.latest
        )
        plan = next(before, None)
        if plan is not None:
            planned = plan.payload["new" if plan.kind == REPLAN else "planned"]
            if fact.occurred_on.earliest > FlexDate.parse(planned).latest:
                yield Broken(LATE_REPLAN, fact.phase_id, (plan, fact))


def _withdrawn_late(facts: Sequence[Fact]) -> Iterator[Broken]:
    """Report a withdrawal that surely came after the first start of works."""
    start = next((fact for fact in facts if fact.kind == "ConstructionStarted"), None)
    left = next((fact for fact in facts if fact.kind == "ProjectWithdrawn"), None)
    if start and left and left.occurred_on.earliest > start.occurred_on.latest:
        yield Broken(LATE_WITHDRAWAL, None, (start, left))
