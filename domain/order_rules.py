"""The order of a life, as data: which fact should not come after which (R01 to R13).

Nothing here refuses a fact. A rule is judged over the facts visible on a day and answers ok,
violated, missing_predecessor or undecidable, with the exemption that excuses it, if one does. The
judging itself is `domain.order`; queries load the same `RULES`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from domain.words import Words


class Result(StrEnum):
    """What a rule says about the two facts.

    With E = every earlier fact that may count, L = the first later fact in fold order:
    `ok` when some E surely lies before or on L (its last day <= L's first day);
    `violated` when every E surely lies after L (its first day > L's last day);
    `missing_predecessor` when there is no E at all;
    `undecidable` otherwise, which only coarse dates can cause.
    A rule without any L is not judged.
    """

    OK = "ok"
    VIOLATED = "violated"
    MISSING_PREDECESSOR = "missing_predecessor"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class Moment:
    """Which marks count as one end of a rule: by name and, where given, by detail.

    `details` are the allowed details; one that ends in "*" allows everything that begins so. Marks
    and their details are those of `domain.marks`.
    """

    mark: str
    words: Words
    details: tuple[str, ...] = ()

    def counts(self, mark: str, detail: str | None) -> bool:
        """Say whether a mark of that detail is meant."""
        if mark != self.mark:
            return False
        return not self.details or any(_allows(allowed, detail or "") for allowed in self.details)


def _allows(allowed: str, detail: str) -> bool:
    if allowed.endswith("*"):
        return detail.startswith(allowed[:-1])
    return detail == allowed


@dataclass(frozen=True, slots=True)
class Exemption:
    """A circumstance that excuses a rule, told to people in `words`."""

    code: str
    words: Words


EXEMPTIONS: dict[str, Exemption] = {
    code: Exemption(code, Words(zh, en))
    for code, zh, en in (
        # A pre-assessment was submitted surely not after the (first) signing.
        ("assessment-first", "先评估后签约", "assessed before signing"),
        # The phase is defined on existing premises, or premises were secured for it.
        ("existing-premises", "利用现有厂房", "existing premises"),
        # Premises of the kinds owned-plant or redevelopment were secured for the phase.
        ("own-land", "利用自有土地", "own land"),
        # Premises as for existing-premises, and no land was awarded to the phase.
        ("equipment-only", "仅设备投资", "equipment only"),
        # The industry is known and is not in sections B, C, D of GB/T 4754 (divisions 06 to 46).
        ("non-industrial", "非工业项目", "non-industrial project"),
        # A construction permit that counts is staged (piling, basement, superstructure), or the
        # first start names the basis staged-permit.
        ("staged-permit", "分阶段施工许可", "staged construction permit"),
        # The first start names the basis filing: too small to need a permit.
        ("below-threshold", "限额以下工程", "below the threshold for a permit"),
        # A completion acceptance of a unit lies surely not after the (first) commissioning.
        ("unit-acceptance", "单体先行验收", "unit accepted beforehand"),
        # The plant had surely run on trial before its (first) commissioning.
        ("trial-production", "先行试生产", "trial production beforehand"),
        # The department took the requirement back.
        ("dropped", "要求已撤回", "requirement dropped"),
    )
}

Scope = Literal["project", "phase"]
Severity = Literal["info", "deviation", "violation"]


@dataclass(frozen=True, slots=True)
class OrderRule:
    """One rule: the earlier fact should not come after the later one.

    With scope `project` it is judged once over all facts of the project. With scope `phase` it is
    judged for every phase that has a later fact: a later fact without a phase belongs to the
    default phase; an earlier fact counts for its own phase, and one without a phase for all.
    `exemptions` are tried in order; the first that applies is named. They excuse every result but
    ok.
    """

    id: str
    earlier: Moment
    later: Moment
    severity: Severity
    scope: Scope
    exemptions: tuple[str, ...] = ()


SIGNED = Moment("signed", Words("签约", "signing"))
ASSESSED = Moment("pre_assessed", Words("前评估申报", "pre-assessment"))
ADMITTED = Moment("admitted", Words("准入通过", "admission"))
CODE = Moment("code_assigned", Words("项目赋码", "project code"))
APPLIED = Moment("permit_applied", Words("办理许可", "permit application"))
LAND = Moment("land_awarded", Words("摘牌", "land award"))
SIMULATED = Moment("simulated_approval_opened", Words("模拟审批启动", "simulated approval"))
PRE_REVIEW = Moment("simulated_review", Words("模拟预审", "simulated review"))
PLANNING_PERMIT = Moment(
    "permit_issued",
    Words("建设用地规划许可证", "land-use planning permit"),
    ("land_use_planning_permit",),
)
CONSTRUCTION_PERMIT = Moment("construction_permit", Words("施工许可证", "construction permit"))
STARTED = Moment("construction_started", Words("开工", "construction start"))
COMPLETED = Moment("completion_accepted", Words("竣工验收", "completion acceptance"))
COMPLETED_WHOLE = Moment("completion_accepted", COMPLETED.words, ("whole",))
COMMISSIONED = Moment("commissioned", Words("投产", "commissioning"))
CAPACITY = Moment("capacity_reached", Words("达产达效", "reaching capacity"))
ENROLLED = Moment("statistics_enrolled", Words("入库纳统", "statistical enrolment"))
LISTED = Moment("listed", Words("列入清单", "listing"))
INVESTED = Moment("investment_reported", Words("完成投资上报", "investment report"))
EVALUATED = Moment(
    "post_evaluated", Words("投产后评价", "post-evaluation of commissioning"), ("commissioning*",)
)

RULES: tuple[OrderRule, ...] = (
    OrderRule("R01", SIGNED, ADMITTED, "info", "project", ("assessment-first",)),
    OrderRule("R02", CODE, APPLIED, "deviation", "project"),
    OrderRule("R03", ADMITTED, LAND, "deviation", "phase", ("existing-premises", "non-industrial")),
    OrderRule("R04", SIMULATED, PRE_REVIEW, "deviation", "project"),
    OrderRule(
        "R05", LAND, PLANNING_PERMIT, "deviation", "phase", ("own-land", "existing-premises")
    ),
    OrderRule(
        "R06", LAND, CONSTRUCTION_PERMIT, "deviation", "phase", ("own-land", "existing-premises")
    ),
    OrderRule(
        "R07",
        CONSTRUCTION_PERMIT,
        STARTED,
        "violation",
        "phase",
        ("staged-permit", "below-threshold"),
    ),
    OrderRule(
        "R08", STARTED, COMPLETED, "violation", "phase", ("existing-premises", "equipment-only")
    ),
    OrderRule(
        "R09",
        COMPLETED_WHOLE,
        COMMISSIONED,
        "deviation",
        "phase",
        ("unit-acceptance", "trial-production", "existing-premises"),
    ),
    OrderRule("R10", COMMISSIONED, CAPACITY, "violation", "phase"),
    OrderRule("R11", STARTED, ENROLLED, "info", "phase", ("equipment-only",)),
    OrderRule("R12", LISTED, INVESTED, "info", "project"),
    OrderRule("R13", COMMISSIONED, EVALUATED, "violation", "project"),
    OrderRule("A01", ASSESSED, ADMITTED, "deviation", "project"),
)

MESSAGES: dict[Result, Words] = {
    Result.VIOLATED: Words(
        "{later}（{later_on}）早于{earlier}（{earlier_on}）",
        "{later} on {later_on} came before {earlier} on {earlier_on}",
    ),
    Result.MISSING_PREDECESSOR: Words(
        "{later}（{later_on}）之前没有{earlier}的记录",
        "{later} on {later_on} without a record of {earlier}",
    ),
    Result.UNDECIDABLE: Words(
        "日期不够精确，无法判断{earlier}（{earlier_on}）是否先于{later}（{later_on}）",
        "the dates are too coarse to tell whether {earlier} ({earlier_on})"
        " came before {later} ({later_on})",
    ),
}
"""What people are told; `{earlier_on}` is the text of the first earlier fact in fold order."""

OFF_LIST = "L01"
"""The rule that a department broke with a requirement outside the land service list."""

OFF_LIST_SEVERITY: Severity = "deviation"

OFF_LIST_MESSAGE = Words(
    "{department}在用地服务清单之外提出：{requirement}",
    "{department} asked for something outside the land service list: {requirement}",
)

GATE = "P01"
"""The rule that land for a further phase waits until the first kept its intensity."""

GATE_SEVERITY: Severity = "deviation"
GATED = "investment_intensity"

GATE_MESSAGE = Words(
    "前期投资强度未达约定（约定{agreed}，实际{actual}），又取得后续分期用地",
    "land was awarded for a further phase although the intensity agreed was missed"
    " ({actual} of {agreed})",
)
