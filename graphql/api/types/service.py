"""Declare the service given to a project: requests, stewards, visits, issues, joint reviews."""

from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from api.declaration import Argument, reads, replaced
from api.enums import Cadence, PremisesKind
from api.scalars import Decimal, FlexDate
from api.types.event import Actor
from api.types.value import Ratio, RatioWording

if TYPE_CHECKING:
    from api.types.project import Project

LazyProject = Annotated["Project", strawberry.lazy("api.types.project")]


@strawberry.type(description="How many requests there are of one sort · 分类计数")
class CategoryCount:
    """Requests of one category or channel."""

    key: str = reads("The category or channel · 类别")
    count: int = reads("Requests received · 受理数")
    resolved: int = reads("Of them solved · 解决数")


@strawberry.type(description="The requests of enterprises in one card · 企业诉求办理")
class RequestStats:
    """Requests received in a span of days, and what became of them by the judged day."""

    received: int = reads("Requests received · 受理数")
    dispatched: int = reads("Of them handed to a department · 派单数")
    answered: int = reads("Of them answered at least once · 答复数")
    closed: int = reads("Of them closed: the last answer was not reopened · 办结数")
    resolved: int = reads("Of them solved, as far as the enterprise says · 解决数")
    reopened: int = reads("Of them reopened at least once · 重办数")
    not_yet_due: int = reads("Open ones whose time is not up · 未到期数")
    due_unknown: int = reads(
        "Those whose last day lies beyond the published calendar of working days · 期限未知数"
    )
    closed_rate: Ratio = reads("Closed, against what the policy says · 办结率")
    resolution_rate: Ratio = reads("Solved, against what the policy says · 解决率")
    resolution_of_due: Ratio = reads("Solved of those closed or due · 应办解决率")
    resolution_of_received: Ratio = reads("Solved of all received · 受理解决率")
    on_time_rate: Ratio = reads(
        "Closed in time, of those closed or overdue whose dates can tell · 按时办结率"
    )
    satisfaction: Ratio = reads("Satisfied, of those who said yes or no · 满意率")
    follow_up_rate: Ratio = reads("Followed up, of those answered · 回访率")
    follow_up_met: bool | None = reads(
        "Whether that reaches the share the policy wants; null without answers · 回访达标"
    )
    median_hours: Decimal | None = reads(
        "Median hours from first receipt to last closing · 办结时长中位数 (小时)"
    )
    excluded_for_precision: int = reads(
        "Closed ones left out of the median, since a time of day is missing · 因精度剔除数"
    )
    dispatch_accuracy: Ratio = reads("Handed to one department only · 派单准确率")
    dispatch_on_time_rate: Ratio = reads(
        "Handed over within the hours the policy allows, of those it has hours for · 按时派单率"
    )
    median_dispatch_hours: Decimal | None = reads(
        "Median hours from first receipt to first dispatch · 派单时长中位数 (小时)"
    )
    site_visits: int = reads("Visits on the spot in the same days · 现场办公次数")
    resolved_per_visit: Ratio = reads("Solved against visits · 每次走访解决数")
    by_category: list[CategoryCount] = reads("By category, most first · 按类别")
    by_channel: list[CategoryCount] = reads("By channel, most first · 按渠道")


@strawberry.type(description="An officer's time as steward of a project · 项目管家")
class StewardTerm:
    """An assignment of a steward with a team."""

    lead: Actor = reads("The steward; the name is null once erased · 项目管家")
    team: list[Actor] = reads("Those who support the steward · 团队成员")
    role: str = reads("The role, as steward or agent · 角色")
    level: str | None = reads("The level of government, as city, town or park · 层级")
    from_: FlexDate = reads("The first day · 起始日期", "from")
    to: FlexDate | None = reads(
        "The last day, or the day of an earlier successor; null if none is known · 截止日期"
    )
    in_force: bool = reads("Whether it holds on the judged day · 是否在任")


@strawberry.type(description="A visit of officers on the spot · 现场办公")
class SiteVisit:
    """A visit."""

    id: strawberry.ID = reads("The visit's id · 标识")
    on: FlexDate = reads("When · 日期")
    team: str | None = reads("The team that was sent, if one was named · 队伍")
    officers: list[Actor] = reads("Who was there; names are null once erased · 人员")
    topics: list[str] = reads("What was talked about · 议题")
    requests_raised: list[str] = reads("The requests that came of it, by id · 所提诉求")


@strawberry.type(description="A decision of a joint review about one issue · 会办决定")
class ReviewDecision:
    """A decision."""

    issue_id: strawberry.ID = reads("The issue's id · 问题标识")
    issue: Optional["Issue"] = reads("The issue, if the ledger knows it · 问题")
    decision: str = reads("What was decided · 决定")
    owner: str = reads("Who does it · 责任单位")
    due: FlexDate = reads("By when · 期限")
    overdue: bool = reads("Whether its day is over and the issue open · 是否超期")


@strawberry.type(description="A meeting of departments over issues · 联审会办")
class JointReview:
    """A joint review."""

    id: strawberry.ID = reads("The meeting's id · 标识")
    held_on: FlexDate = reads("When it was held · 召开日期")
    level: str = reads("Its level, as city or team · 层级")
    cadence: Cadence | None = reads("How often it is held, if that was said · 频次")
    region: strawberry.ID | None = reads("Where, if that was said · 行政区划")
    decisions: int = reads("How many decisions it took · 决定数")
    overdue_decisions: int = reads("Of them overdue on the judged day · 超期决定数")
    decided: list[ReviewDecision] = reads(
        "The decisions in their order · 决定",
        overdue=Argument(bool, "Only those overdue · 仅超期", default=False),
    )


@strawberry.type(description="Something that holds a project up · 堵点问题")
class Issue:
    """An issue."""

    id: strawberry.ID = reads("The issue's id · 标识")
    phase_id: strawberry.ID | None = reads("The phase it is about, if one was named · 分期")
    category: str = reads("What it is about, as land · 类别")
    severity: str = reads("How grave it is · 严重程度")
    raised_on: FlexDate = reads("When it was raised · 提出日期")
    due: FlexDate | None = reads("By when it is to be removed · 期限")
    resolved_on: FlexDate | None = reads("When it was signed off · 销号日期")
    owner: str | None = reads("Who answers for it · 责任单位")
    responsible_person: str | None = reads("The person in charge; null once erased · 责任人")
    result: str | None = reads("How it was removed · 处理结果")
    confirmed_by_enterprise: bool | None = reads("Whether the enterprise agrees · 企业确认")
    overdue: bool = reads("Whether it is open and its day is over · 是否超期")
    reviews: list[JointReview] = reads("The meetings that decided about it · 会办")
    project: LazyProject = reads("The project it holds up · 项目")


@strawberry.type(description="What new premises changed · 用地提质前后对比")
class PremisesChange:
    """Before and after the last premises."""

    on: FlexDate = reads("When the premises were secured · 日期")
    kind: str = replaced("Their kind, as vertical-factory · 类型", "premises")
    premises: PremisesKind = reads("Their kind · 类型")
    storeys: int | None = reads("Their storeys · 层数")
    far: RatioWording | None = reads("The floor area ratio before and after · 容积率变化")
    tax_per_mu: RatioWording | None = reads(
        "Tax a year per mu before and after, in 10,000 yuan · 亩均税收变化 (万元/亩)"
    )
    output_per_mu: RatioWording | None = reads(
        "Output a year per mu before and after, in 10,000 yuan · 亩均产出变化 (万元/亩)"
    )
