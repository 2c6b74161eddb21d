"""Declare the measures over many projects: boards, funnels, distributions, rates."""

import strawberry

from api.declaration import Argument, reads
from api.enums import Basis, Colour, FunnelStage
from api.scalars import Date, Decimal
from api.types.event import Event
from api.types.project import Project
from api.types.value import Area, Money, PolicyRef, Ratio


@strawberry.type(description="One region of the board, counted by colour · 三色看板")
class BoardCell:
    """One region of the board."""

    region: strawberry.ID = reads("The region · 地区")
    red: int = reads("Projects in red · 红色")
    yellow: int = reads("Projects in yellow · 黄色")
    green: int = reads("Projects in green · 绿色")
    grey: int = reads("Projects not judged · 灰色")
    total: int = reads("All projects · 合计")


@strawberry.type(description="A change of a project's colour, and what caused it · 变色记录")
class ColourChange:
    """A change of colour."""

    project: Project = reads("The project · 项目")
    from_: Colour = reads("The colour before · 原颜色", "from")
    to: Colour = reads("The colour after · 新颜色")
    on: Date = reads("The day of the change · 日期")
    cause: Event | None = reads(
        "The event that caused it, of a corrected fact the correction;"
        " null where only time passed · 原因事件"
    )
    policy: PolicyRef | None = reads("The rule that gave the new colour · 判定依据")


@strawberry.type(description="One step of a funnel · 漏斗环节")
class FunnelStep:
    """One step of a funnel."""

    phase: FunnelStage = reads("The step, as SUBMITTED · 环节")
    entered: int = reads("Projects that ever entered it · 进入数")
    rate_from_previous: Ratio | None = reads("Against the step before · 环比上一环节")
    rate_from_first: Ratio | None = reads("Against the first step · 对首环节")


@strawberry.type(description="One bar of a histogram · 直方图区间")
class HistogramBin:
    """One bar of a histogram."""

    from_: Decimal = reads("Its lower bound, inclusive · 下限", "from")
    to: Decimal = reads("Its upper bound; exclusive but for the last bar · 上限")
    count: int = reads("How many values lie in it · 数量")


@strawberry.type(description="How values are distributed; quantiles by nearest rank · 分布")
class Distribution:
    """A distribution of values."""

    n: int = reads("How many values · 样本数")
    excluded_for_precision: int = reads("Left out because a date is too coarse · 因精度剔除数")
    excluded_for_calendar: int = reads(
        "Left out because its working days are not published · 因工作日历未公布剔除数"
    )
    min: Decimal | None = reads("The smallest · 最小值")
    p25: Decimal | None = reads("A quarter lies at or below it · 下四分位数")
    median: Decimal | None = reads("Half lies at or below it · 中位数")
    p75: Decimal | None = reads("Three quarters lie at or below it · 上四分位数")
    p90: Decimal | None = reads("Nine tenths lie at or below it · 九十分位数")
    max: Decimal | None = reads("The largest · 最大值")
    histogram: list[HistogramBin] = reads(
        "Bars of equal width over all values · 直方图",
        bins=Argument(int, "How many bars, 1 to 100 · 区间数", 12, (1, 100)),
    )


@strawberry.type(description="The start rate on a day against its target · 开工率")
class StartRatePoint:
    """The start rate on one day."""

    on: Date = reads("The day · 日期")
    rate: Ratio = reads("Started of the new projects listed · 开工率")
    target: Decimal | None = reads("The target in percent that fell due, if one did · 目标")
    met: bool | None = reads("Whether the target is met · 是否达标")


@strawberry.type(description="Planned against actual investment of a group · 计划完成情况")
class PlanActual:
    """Plan and actual of one group."""

    key: str = reads("The group · 分组")
    projects: int = reads("Projects in it · 项目数")
    unreported: int = reads("Of them without a report, counted as zero · 未上报数")
    basis: Basis = reads("Whose figures · 口径")
    plan: Money = reads("Planned for the year · 年度计划")
    actual: Money = reads("Invested up to the month · 完成投资")
    completion: Ratio = reads("Invested against planned · 完成率")
    plan_to_date: Money | None = reads("Of the plan, what was due by the month · 计划累计")
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


@strawberry.type(description="The admissions of a year in one card · 准入评审")
class AdmissionSummary:
    """The admissions of a year."""

    submitted: int = reads("Projects submitted · 申报数")
    passed: int = reads("Projects admitted · 通过数")
    listed: int = reads("Admitted and listed as major projects · 转化列入数")
    conversion: Ratio = reads("Listed of admitted · 转化率")
    total_investment: Money = reads("Their total investment · 总投资")
    mean_investment: Money | None = reads("The mean of it, if any passed · 平均投资")
    demand_land: Area = reads("The land they asked for · 需求用地")
    supplied_land: Area = reads("The land they were awarded · 供应用地")
    land_completed: int = reads("Projects with land · 已供地数")
    started: int = reads("Projects under construction · 已开工数")
    intensity: Decimal | None = reads(
        "The intensity as the policy in force takes the mean · 投资强度 (万元/亩)"
    )
    intensity_weighted: Decimal | None = reads(
        "Fixed assets per mu over all, in 10,000 yuan · 加权投资强度 (万元/亩)"
    )
    intensity_unweighted: Decimal | None = reads(
        "The mean of the projects' intensities · 算术平均投资强度 (万元/亩)"
    )
    tax_per_mu: Decimal | None = reads("Tax per mu, in 10,000 yuan · 亩均税收 (万元/亩)")
    output_per_mu: Decimal | None = reads("Output per mu, in 10,000 yuan · 亩均产出 (万元/亩)")
