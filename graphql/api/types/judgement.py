"""Declare the judgements over a project: nodes, permits, deviations, lead times, evaluations."""

from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from api.codes import DatePrecision, Direction, PermitStage, Severity, VoidCause
from api.declaration import Argument, reads
from api.enums import Basis, Colour, ListClass, ListLevel, Milestone, Phase, RuleOutcome
from api.scalars import Date, Decimal, FlexDate
from api.types.event import Event
from api.types.service import Issue
from api.types.value import Area, Money, PolicyRef, Ratio

if TYPE_CHECKING:
    from api.types.clock import ColourOverride
    from api.types.project import Project

LazyProject = Annotated["Project", strawberry.lazy("api.types.project")]


@strawberry.type(description="A phase of a project, built and judged on its own · 分期")
class PhaseState:
    """The state of one phase."""

    id: strawberry.ID = reads("The phase's id in its project · 标识")
    ordinal: int = reads("Its number, from 1 · 序号")
    title: str = reads("Its name · 名称")
    phase: Phase = reads("How far it has come · 所处阶段")
    land_mu: Area | None = reads("The land planned for it · 计划用地")
    started_on: FlexDate | None = reads("When its construction started · 开工日期")
    commissioned_on: FlexDate | None = reads("When it went into production · 投产日期")


@strawberry.type(description="One node of a project's plan, judged · 节点状态")
class MilestoneState:
    """The state of one planned or reached node."""

    project: LazyProject = reads("The project · 项目")
    node: Milestone = reads("Which node · 节点")
    phase_id: strawberry.ID | None = reads("The phase it belongs to, if one was named · 分期")
    planned: FlexDate | None = reads("The date in force · 计划日期")
    original_planned: FlexDate | None = reads("The date first planned · 原计划日期")
    forecast: FlexDate | None = reads("The date expected by those in charge · 预测日期")
    actual: FlexDate | None = reads("When it was reached · 实际日期")
    colour: Colour = reads("Its colour on the judged day, unless people decided otherwise · 颜色")
    judged_colour: Colour = reads("Its colour as judged, whatever was decided · 判定颜色")
    colour_override: Annotated["ColourOverride", strawberry.lazy("api.types.clock")] | None = reads(
        "The decision to show another colour, while it holds · 人工改色"
    )
    days_late: int | None = reads("Days past the end of the planned period · 超期天数")
    replans: int = reads("How often its date was changed · 调整次数")
    responsible_unit: str | None = reads("The unit in charge · 责任单位")
    responsible_person: str | None = reads("The person in charge; null once erased · 责任人")
    policy: PolicyRef | None = reads("The rule that gave the colour · 判定依据")
    blockers: list[Issue] = reads("Open issues that hold it up, oldest first · 堵点问题")
    explain: str = reads("Why it has this colour, in a sentence · 判定说明")


@strawberry.type(description="One permit case · 证照办理")
class PermitState:
    """The state of one permit case."""

    kind: str = reads("What is permitted · 证照类型")
    case_no: strawberry.ID = reads("The case's number · 办件编号")
    department: str | None = reads("The department in charge · 办理部门")
    status: int = reads("Its status, 1 to 15, as the approval platform counts · 办理状态")
    status_name: str = reads("Its status in words · 状态名称")
    issued_on: Date | None = reads("When the certificate was issued · 核发日期")
    stage: PermitStage | None = reads("The part of the works it covers · 阶段")
    simulated: bool = reads("Whether it is a simulated approval without legal force · 是否模拟审批")
    workdays_used: int | None = reads("Working days used so far · 已用工作日")
    workdays_unknown: str | None = reads(
        "Why working days cannot be counted, if they cannot · 无法计算的原因"
    )
    deadline_workdays: int | None = reads("Working days allowed · 承诺工作日")
    certificate_no: strawberry.ID | None = reads("The certificate's number · 证照编号")
    valid_until: FlexDate | None = reads("Until when it is valid, as last extended · 有效期至")
    void_by: VoidCause | None = reads(
        "How the certificate became void: lapsed, withdrawn or revoked · 失效方式"
    )
    void_since: FlexDate | None = reads("Since when it is void · 失效日期")


@strawberry.type(description="The day on which most permits were issued · 多证齐发")
class PermitBurst:
    """Several permits on one day."""

    on: Date = reads("The day · 日期")
    count: int = reads("How many kinds of permits · 证照数")
    kinds: list[str] = reads("Which kinds · 证照类型")
    set: str | None = reads("The set of the policy that is complete that day, as five · 组合")


@strawberry.type(description="A broken order rule · 违反次序规则")
class Deviation:
    """A rule that the facts of a project break."""

    rule: strawberry.ID = reads("The rule, as R01 · 规则编号")
    severity: Severity = reads("How grave it is · 严重程度")
    outcome: RuleOutcome = reads("Whether the rule is broken for certain · 判定结果")
    message: str = reads("What is wrong, in a sentence · 说明")
    events: list[Event] = reads("The facts that show it · 相关事件")
    exemption: str | None = reads("Why it is allowed all the same, if it is · 豁免依据")


@strawberry.type(description="The time between two nodes of a project · 历时")
class LeadTime:
    """The time between two nodes."""

    from_: Milestone = reads("The first node · 起点", "from")
    to: Milestone = reads("The second node · 终点")
    calendar_days: int | None = reads("Calendar days, where both dates are exact · 自然日")
    work_days: int | None = reads("Working days after the first day · 工作日")
    precision: DatePrecision = reads("How precise the two dates are · 精度")


@strawberry.type(description="A project's entry on a list of major projects · 列入清单")
class Listing:
    """An entry on a list."""

    list_id: strawberry.ID = reads("The list's id · 清单标识")
    year: int = reads("The list's year · 年度")
    level: ListLevel = reads("Who keeps the list · 级别")
    class_: ListClass | None = reads("The project's class on it, once stated · 类别", "class")
    annual_plan: Money | None = reads(
        "The investment planned for the year, once stated · 年度计划投资"
    )
    list_version: str = reads("The version of the list · 清单版本")


@strawberry.type(description="The investment up to a month of a year · 投资进度")
class InvestmentPoint:
    """The investment up to one month."""

    period: str = reads("The month, as 2024-06 · 月份")
    ytd: Money = reads("Invested since January · 年内累计")
    fell: bool = reads("Whether that is less than in an earlier month · 是否低于此前月份")
    plan_to_date: Money | None = reads("Planned since January · 计划累计")
    completion: Ratio | None = reads("Invested against the plan of the year · 完成率")
    pace_gap_pp: Decimal | None = reads(
        "Percentage points ahead of the plan in proportion to time · 进度差"
    )
    spi: Decimal | None = reads(
        "Schedule performance index: invested of what was planned until then · 进度绩效指数"
    )
    pace_policy: PolicyRef | None = reads(
        "The rule on how much of a plan is due by when; without one it goes evenly · 序时依据"
    )
    pace_unknown: str | None = reads(
        "Why it cannot be said how much was due, if it cannot · 无法计算的原因"
    )
    basis: Basis = reads("Whose figures · 口径")
    reports: list[Event] = reads(
        "Everything reported for the month, the report that counts first · 该月全部上报"
    )


@strawberry.type(description="One indicator of an evaluation: agreed against delivered · 指标对比")
class IndicatorResult:
    """One indicator of an evaluation."""

    code: str = reads("The indicator, as tax_per_mu · 代码")
    name: str = reads("Its name · 名称")
    unit: str = reads("Its unit · 单位")
    direction: Direction = reads("Whether higher or lower is better · 方向")
    agreed: Decimal | None = reads("The value agreed · 约定值")
    agreed_min: Decimal | None = reads("The lower end, where a range was agreed · 约定下限")
    agreed_max: Decimal | None = reads("The upper end, where a range was agreed · 约定上限")
    actual: Decimal | None = reads("The value delivered · 实际值")
    attainment: Decimal | None = reads("Delivered against agreed, in percent · 达成率")
    weight: Decimal | None = reads("Its weight · 权重")
    points: Decimal | None = reads("The points it earns · 得分")
    agreed_from: Event | None = reads("The fact behind the agreed value · 约定依据")
    actual_from: list[Event] = reads("The facts behind the delivered value · 实际依据")


@strawberry.type(description="A post-evaluation: what was delivered of what was agreed · 后评价")
class PostEvaluation:
    """A completed evaluation."""

    id: strawberry.ID = reads("The evaluation's id · 标识")
    checkpoint: str = reads("Which evaluation of the project's life · 评价节点")
    completed_on: Date = reads("When it was completed · 完成日期")
    total: Decimal = reads("Its points · 总分")
    grade: str = reads("Its grade · 等级")
    indicators: list[IndicatorResult] = reads("Its indicators · 指标")
    policy: PolicyRef | None = reads(
        "The rule it was judged under; null while the ledger does not know it · 依据"
    )
    recomputed_under: Optional["PostEvaluation"] = reads(
        "The same facts judged under another version of the rule · 按另一版本重算",
        policy=Argument(strawberry.ID, "The policy, as post-evaluation/default@2024.1 · 政策"),
    )


@strawberry.type(description="What was reached of the agreed capacity, as last reported · 达产达效")
class CapacityTest:
    """The test of capacity."""

    on: FlexDate = reads("The day it was reported for · 日期")
    percent: Decimal | None = reads("The share of the agreed capacity, in percent · 达产率")
    threshold_percent: Decimal = reads("From what share on it counts as reached · 达产标准")
    window_months: int = reads("Over how many months it is taken · 考核月数")
    reached: bool | None = reads("Whether it counts as reached · 是否达产")
    output: Money | None = reads("The output of those months · 期间产出")
    tax: Money | None = reads("The taxes of those months · 期间税收")
    policy: PolicyRef | None = reads("The rule it was judged by · 判定依据")
    source: Event = reads("The fact · 事件")
