"""Declare how service is measured: load, contact, agency, issue mix, calendars, procedures."""

import strawberry

from api.codes import RequestOutcome
from api.declaration import reads, replaced
from api.enums import Cadence, PeriodState, ReviewEvent
from api.scalars import Date, Decimal, FlexDate
from api.types.event import Actor
from api.types.project import Project
from api.types.steering import Coverage
from api.types.value import PageInfo, PolicyRef, Ratio, RatioWording


@strawberry.type(description="How much one officer has to look after · 管家负荷")
class StewardLoad:
    """The load of one officer."""

    steward: Actor = reads("The officer, known by id or else by a pseudonym · 干部")
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
    event: str = replaced("What keeps it · 事项", "keptBy")
    kept_by: ReviewEvent = reads("What keeps it · 事项")
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


@strawberry.type(description="One request of an enterprise · 企业诉求")
class RequestCase:
    """One request."""

    id: strawberry.ID = reads("The request's id · 诉求编号")
    subject: strawberry.ID = reads("What it is about, as project/<id> or enterprise/<id> · 对象")
    project: Project | None = reads("The project, if it is about one · 项目")
    enterprise: str | None = reads("The enterprise that asks · 企业")
    category: str = reads("What it is about, as help · 类别")
    channel: str = reads("How it came, as hotline · 渠道")
    urgency: str = reads("How urgent it is · 紧急程度")
    received_on: FlexDate = reads("When it was first received · 受理时间")
    dispatched_on: FlexDate | None = reads("When it was first handed over · 派单时间")
    department: str | None = reads("The department that has it now · 承办单位")
    due: Date | None = reads("The last day to close it · 办结期限")
    due_unknown: bool = reads("Whether that day lies beyond the published calendar · 期限未知")
    answered_on: FlexDate | None = reads("When it was last answered · 答复时间")
    outcome: RequestOutcome | None = reads("What the last answer says, as resolved · 办理结果")
    rounds: int = reads("How often it was taken up, 1 without a reopening · 办理轮次")
    closed: bool = reads("Whether the last answer stands · 是否办结")
    solved: bool = reads("Whether it is solved, as far as the enterprise says · 是否解决")
    satisfied: bool | None = reads("The enterprise's last word; null while it said none · 是否满意")
    in_time: bool | None = reads(
        "Whether it was closed in time, false once overdue; null while it cannot be told · 是否按时"
    )
    hours: Decimal | None = reads("Hours from first receipt to last closing · 办结时长 (小时)")


@strawberry.type(description="A request in a connection, with its cursor · 诉求边")
class RequestCaseEdge:
    """An entry of a request connection."""

    cursor: str = reads("The place of the request, to go on after · 游标")
    node: RequestCase = reads("The request · 诉求")


@strawberry.type(description="A page of requests · 诉求分页")
class RequestCaseConnection:
    """A page of requests."""

    nodes: list[RequestCase] = reads("The requests of the page · 诉求")
    edges: list[RequestCaseEdge] = reads("The requests of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many requests there are on all pages · 总数")
