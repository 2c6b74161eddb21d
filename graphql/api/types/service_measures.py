"""Declare how service is measured: load, contact, agency, issue mix, calendars, procedures."""

import strawberry

from api.declaration import reads
from api.enums import Cadence, PeriodState
from api.scalars import Date
from api.types.event import Actor
from api.types.steering import Coverage
from api.types.value import PolicyRef, Ratio, RatioWording


@strawberry.type(description="How much one officer has to look after · 管家负荷")
class StewardLoad:
    """The load of one officer."""

    steward: Actor = reads("The officer, known by id or else by name · 干部")
    projects: int = reads("Projects as the one answerable · 牵头项目数")
    enterprises: int = reads("Enterprises as the one answerable · 挂钩企业数")
    supported: int = reads("Projects and enterprises as member of a team · 参与数")


@strawberry.type(description="Whether projects and enterprises have a contact · 挂钩联系覆盖")
class ContactCoverage:
    """Coverage by stewards in force; agents do not count."""

    projects: Coverage = reads("Projects not given up, and those with a steward · 项目覆盖")
    enterprises: Ratio = reads(
        "Enterprises with a contact, of those behind projects or ever assigned one · 企业覆盖率"
    )
    enterprises_without: list[str] = reads("Enterprises without, at most 1000 · 未挂钩企业")


@strawberry.type(description="How much is run by agents · 帮办代办率")
class AgencyRate:
    """The share of formalities that agents run."""

    cases: Ratio = reads("Permit cases an agent applied for, of those that say who did · 代办率")
    unstated_cases: int = reads("Cases that do not say who applied · 未注明件数")
    projects: Ratio = reads("Projects with an agent, of those not given up · 代办项目率")


@strawberry.type(description="The issues of one category · 问题分类")
class IssueCount:
    """Issues of one category."""

    category: str = reads("The category · 类别")
    raised: int = reads("Issues raised · 提出数")
    resolved: int = reads("Of them signed off · 销号数")
    open: int = reads("Of them open · 未销号数")
    overdue: int = reads("Of the open ones, past their day · 超期数")
    confirmed: int = reads("Signed off with the enterprise's consent · 企业确认数")


@strawberry.type(description="A period in which a meeting was to be held · 周期")
class ReviewPeriod:
    """One period of a series."""

    from_: Date = reads("The first day · 起始日期", "from")
    to: Date = reads("The last day · 截止日期")
    held: int = reads("Meetings held in it · 召开次数")
    state: PeriodState = reads("Whether it was kept · 执行情况")


@strawberry.type(description="A meeting that is to be held regularly · 例会")
class ReviewSeries:
    """A series of the calendar policy."""

    name: str = reads("Its name · 名称")
    event: str = reads("What keeps it: joint-review, site-visit or ranking · 事项")
    level: str | None = reads("The level or team that counts, if one does · 层级")
    cadence: Cadence = reads("How often · 频次")
    kept: Ratio = reads("Periods kept, of those kept or missed · 执行率")
    periods: list[ReviewPeriod] = reads("The periods, oldest first · 周期")


@strawberry.type(description="Visits and meetings of one period · 调度日志")
class DispatchLogEntry:
    """One period of the log."""

    from_: Date = reads("The first day · 起始日期", "from")
    to: Date = reads("The last day · 截止日期")
    visits: int = reads("Visits paid · 现场办公次数")
    visited: int = reads("Projects and enterprises visited · 走访对象数")
    officers: int = reads("Officers who were out · 参与人数")
    reviews: int = reads("Joint reviews held · 会办次数")
    topics: list[str] = reads("What was talked about · 议题")


@strawberry.type(description="What a formality takes under one version · 办事流程版本")
class ProcedureVersion:
    """A version of a procedure against the one before."""

    name: str = reads("The formality · 事项")
    policy: PolicyRef = reads("The version · 版本")
    previous: PolicyRef | None = reads("The version before · 上一版本")
    steps: int | None = reads("Steps · 环节数")
    materials: int | None = reads("Papers to hand in · 材料数")
    workdays: int | None = reads("Working days · 工作日")
    visits: int | None = reads("Visits to an office · 跑动次数")
    steps_change: RatioWording | None = reads("Steps before and after · 环节变化")
    materials_change: RatioWording | None = reads("Papers before and after · 材料变化")
    workdays_change: RatioWording | None = reads("Working days before and after · 时限变化")
    visits_change: RatioWording | None = reads("Visits before and after · 跑动变化")
