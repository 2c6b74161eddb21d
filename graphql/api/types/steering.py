"""Declare what a city steers by: coverage, cohorts, pairs of agreed and delivered, lateness."""

import strawberry

from api.codes import BuiltOutMetric, Exemption
from api.declaration import Argument, reads, replaced
from api.enums import Comparison
from api.scalars import Date, Decimal, FlexDate
from api.types.event import Event
from api.types.project import Project
from api.types.value import PolicyRef, Ratio


@strawberry.type(description="Who was due and who was done · 应评尽评, 应统尽统")
class Coverage:
    """How completely a duty was done."""

    due: int = reads("Projects that were due by the day · 应办数")
    done: int = reads("Of them done · 已办数")
    rate: Ratio = reads("Done of due · 覆盖率")
    missing: list[Project] = reads(
        "Those not done, longest due first · 未办项目",
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )


@strawberry.type(description="What became of the new starts of a year · 新开工项目建成度")
class CohortBuild:
    """A cohort of new starts."""

    cohort_year: int = reads("The year of their lists · 年度")
    projects: int = reads("Projects listed as new starts · 项目数")
    completed: int = reads("Of them accepted as complete · 竣工数")
    commissioned: int = reads("Of them in production · 投产数")
    metric: BuiltOutMetric = reads("What counts: commissioned, accepted or investment · 口径")
    built_out: Ratio = reads("The built-out rate by that metric · 建成度")
    built_out_by_investment: Ratio = reads(
        "Invested of promised, over the projects whose total is known · 投资建成度"
    )


@strawberry.type(description="One indicator of one project, agreed and delivered · 约定与实际")
class PairPoint:
    """A point of the scatter."""

    project: Project = reads("The project · 项目")
    indicator: str = reads("The indicator, as tax_per_mu · 指标")
    unit: str | None = reads("Its unit, where one was named · 单位")
    agreed: Decimal = reads("What was agreed · 约定值")
    actual: Decimal = reads("What was delivered · 实际值")
    grade: str | None = reads("The grade of the evaluation · 等级")
    completed_on: Date = reads("The day of the evaluation · 评价日期")


@strawberry.type(description="How late a source reports its facts · 报送时效")
class Lateness:
    """How late one source is."""

    source: str = reads("The system · 来源系统")
    events: int = reads("Facts that it reported and that still hold · 事实数")
    median_days: Decimal | None = reads(
        "Days from the last day they can have happened on to their recording; half took no"
        " longer · 滞后天数中位数"
    )
    p95_days: Decimal | None = reads("Nineteen of twenty took no longer · 滞后天数95分位")
    after_quarter_close: int = reads(
        "Facts recorded after the books of their quarter were closed · 季后报送数"
    )


@strawberry.type(description="A target and how far it is reached · 目标仪表")
class Gauge:
    """One target as a gauge."""

    target: strawberry.ID = reads("The target · 目标编号")
    metric: str = reads("What is to be reached, in the words of the target · 指标")
    measure: str | None = reads("The measure of the ledger that it means · 账本计量项")
    scope: str = reads("For whom, in the words of the target · 范围")
    threshold: Decimal = reads("The number to be reached · 目标值")
    unit: str = reads("Its unit · 单位")
    comparator: str = replaced("How the two are compared, as >= · 比较方式", "comparison")
    comparison: Comparison = reads("How the two are compared · 比较方式")
    due: FlexDate = reads("By when · 期限")
    past_due: bool = reads("Whether that day is over on the judged day · 是否已到期")
    actual: Decimal | None = reads(
        "What is reached by the judged day, in the unit of the target; of another year by its"
        " last day · 实际值"
    )
    met: bool | None = reads("Whether the target is met on that day · 是否达标")
    rate: Ratio | None = reads("Both sides of the actual value, if it is a rate · 分子与分母")
    reason: str | None = reads("Why there is no actual value, if there is none · 说明")
    set_by: Event = reads("The fact that set it · 下达事件")


@strawberry.type(description="One yield of a project and its points · 亩均指标得分")
class YieldScore:
    """One yield."""

    code: str = reads("The yield, as tax_per_mu · 指标")
    value: Decimal | None = reads(
        "What it is: 10,000 yuan a mu, a ton or a head, or percent; null while unknown · 实际值"
    )
    baseline: Decimal | None = reads("What gives full points · 基准值")
    weight: Decimal = reads("Full points · 权重")
    points: Decimal | None = reads("Its points; null where it was left out · 得分")
    imputed: bool = reads("Whether the points stand in for a value that is missing · 是否补值")


@strawberry.type(description="The grade of a project by the yields of a year · 亩均论英雄")
class PerMuGrade:
    """A grade by yields."""

    project: Project = reads("The project · 项目")
    grade: str = reads("The grade; of exempt projects the one that says so · 等级")
    exempt: Exemption | None = reads("Why it is not graded: industry or young · 不参评原因")
    rank: int | None = reads("Its place among all that are graded · 位次")
    score: Decimal | None = reads("The sum of its points · 总分")
    metrics: list[YieldScore] = reads("What its points are made of · 各项得分")
    policy: PolicyRef | None = reads("The rules it was graded by · 评价依据")
