"""What facts of one project say against each other; nothing is refused for it, all is shown.

Every function takes only facts visible on the judged day, in fold order.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from domain.contradictions import CONTRADICTIONS, contradictions
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.soft_rule import Broken, SoftRule
from domain.words import Words

AFTER_END: Final = SoftRule(
    "S01",
    "violation",
    Words("项目已终止或撤回，此后仍有建设事项", "the project had ended when this happened"),
)
DUE_BEFORE_SIGNING: Final = SoftRule(
    "S02",
    "info",
    Words("协议约定的期限早于签订日期", "a day agreed lies before the agreement was signed"),
)
OTHER_AREA: Final = SoftRule(
    "S03",
    "deviation",
    Words("出让合同面积与摘牌面积相差超过1%", "contract and award differ by more than one percent"),
)
VOID: Final = SoftRule(
    "S04",
    "violation",
    Words("开工时施工许可证均已废止或撤销", "works began when the construction permit was void"),
)
SOFT_RULES: Final = (AFTER_END, DUE_BEFORE_SIGNING, OTHER_AREA, VOID, *CONTRADICTIONS)

ENDS: Final = frozenset({"ProjectTerminated", "ProjectWithdrawn"})
WORKS: Final = frozenset(
    {
        "LandAwarded",
        "PermitIssued",
        "ConstructionStarted",
        "CompletionAccepted",
        "TrialProductionStarted",
        "Commissioned",
        "CapacityReached",
    }
)
"""The kinds that nobody expects after a project has ended."""

DUES: Final = ("start_due", "completion_due", "capacity_due")
_SHARE: Final = 100


def broken(facts: Sequence[Fact]) -> list[Broken]:
    """Give the rules that facts do not keep."""
    before = [*_after_end(facts), *_due_before(facts), *_other_area(facts)]
    return [*before, *_under_void_permits(facts), *contradictions(facts)]


def _after_end(facts: Sequence[Fact]) -> Iterable[Broken]:
    """Report the first thing that was surely done after a project had ended."""
    end = next((fact for fact in facts if fact.kind in ENDS), None)
    if end is not None:
        last = end.occurred_on.latest
        late = (f for f in facts if f.kind in WORKS and f.occurred_on.earliest > last)
        for fact in [*late][:1]:
            yield Broken(AFTER_END, fact.phase_id, (end, fact))


def _due_before(facts: Iterable[Fact]) -> Iterable[Broken]:
    """Report agreements that were signed after a day they set."""
    for fact in facts:
        if fact.kind == "PerformanceAgreementSigned":
            days = (FlexDate.parse(fact.payload[due]).latest for due in DUES)
            if min(days) < fact.occurred_on.earliest:
                yield Broken(DUE_BEFORE_SIGNING, fact.phase_id, (fact,))


def _other_area(facts: Sequence[Fact]) -> Iterable[Broken]:
    """Report contracts over another area than the last award of their plot."""
    awards = {str(f.payload["parcel_id"]): f for f in facts if f.kind == "LandAwarded"}
    for fact in facts:
        if fact.kind == "LandContractSigned" and "area_mu" in fact.payload:
            award = awards.get(str(fact.payload.get("parcel_id")))
            if award is not None:
                area = Decimal(award.payload["area_mu"])
                if _SHARE * abs(Decimal(fact.payload["area_mu"]) - area) > area:
                    yield Broken(OTHER_AREA, fact.phase_id, (award, fact))


def _under_void_permits(facts: Sequence[Fact]) -> Iterable[Broken]:
    """Report starts before which every construction permit of their phase had surely lapsed.

    Certificates count that were issued, in fold order, before the start; issued again they hold.
    """
    void: dict[str, Fact] = {}
    valid: dict[str, Fact] = {}
    for fact in facts:
        number = str(fact.payload.get("certificate_no"))
        if fact.kind == "PermitIssued" and fact.payload["permit_kind"] == "construction_permit":
            valid[number] = fact
            void.pop(number, None)
        elif fact.kind == "PermitLapsedOrRevoked" and number in valid:
            void[number] = fact
        elif fact.kind == "ConstructionStarted":
            mine = [each for each in valid if _shares_phase(valid[each], fact)]
            ends = [void[each] for each in mine if each in void]
            late = [end for end in ends if end.occurred_on.latest <= fact.occurred_on.earliest]
            if mine and len(late) == len(mine):
                last = max(late, key=lambda end: end.order_key)
                yield Broken(VOID, fact.phase_id, (last, fact))


def _shares_phase(one: Fact, other: Fact) -> bool:
    return one.phase_id == other.phase_id or None in {one.phase_id, other.phase_id}
