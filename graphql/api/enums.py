"""Name the closed lists of the contract.

The value of a member is what the read models store: its name in lower case, so that compiled SQL
and plain execution turn one into the other without a table.
"""

from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(description="The unit of an amount of money · 金额单位")
class Unit(Enum):
    """Units of money."""

    YUAN = enum_value("yuan", description="元")
    WAN_YUAN = enum_value("wan_yuan", description="10,000 yuan · 万元")
    YI_YUAN = enum_value("yi_yuan", description="100,000,000 yuan · 亿元")


@strawberry.enum(description="The unit of an area · 面积单位")
class AreaUnit(Enum):
    """Units of area."""

    MU = enum_value("mu", description="One fifteenth of a hectare · 亩")
    HECTARE = enum_value("hectare", description="公顷")
    SQUARE_METRE = enum_value("square_metre", description="平方米")


@strawberry.enum(description="The three-colour judgement · 三色管理")
class Colour(Enum):
    """Colours of a judgement."""

    RED = enum_value("red", description="Overdue · 红色, 超期")
    YELLOW = enum_value("yellow", description="Due soon · 黄色, 预警")
    GREEN = enum_value("green", description="On time · 绿色, 正常")
    GREY = enum_value(
        "grey", description="Not judged: no plan, no policy or suspended · 灰色, 不评"
    )


@strawberry.enum(description="The phase of a life · 生命周期阶段")
class Phase(Enum):
    """Phases of a life."""

    LEAD = enum_value("lead", description="Known, not signed · 线索")
    SIGNING = enum_value("signing", description="Signed · 签约")
    LANDING = enum_value("landing", description="On the way to its start · 落地")
    CONSTRUCTION = enum_value("construction", description="Under construction · 在建")
    COMMISSIONING = enum_value("commissioning", description="In production · 投产")
    CAPACITY = enum_value("capacity", description="At its capacity · 达产")
    CLOSED = enum_value("closed", description="Evaluated and closed · 办结")
    SUSPENDED = enum_value("suspended", description="暂停")
    WITHDRAWN = enum_value("withdrawn", description="撤回")
    TERMINATED = enum_value("terminated", description="终止")


@strawberry.enum(description="Who keeps a list of major projects · 重大项目清单级别")
class ListLevel(Enum):
    """Levels of lists."""

    PROVINCIAL = enum_value("provincial", description="省级")
    PREFECTURE = enum_value("prefecture", description="设区市级")
    MUNICIPAL = enum_value("municipal", description="县级市级")
    DISTRICT = enum_value("district", description="区镇级")


@strawberry.enum(description="A project's class on a list · 清单类别")
class ListClass(Enum):
    """Classes of listed projects."""

    NEW = enum_value("new", description="Starts this year · 新建")
    CONTINUING = enum_value("continuing", description="Carried on from earlier years · 续建")
    COMPLETING = enum_value("completing", description="Completes this year · 竣工")
    RESERVE = enum_value("reserve", description="In reserve, not counted · 储备")


@strawberry.enum(description="Whose figures count · 统计口径")
class Basis(Enum):
    """Bases of investment figures."""

    STATISTICAL = enum_value("statistical", description="As enrolled in statistics · 统计入库口径")
    REPORTED = enum_value("reported", description="As reported by the project · 上报口径")


@strawberry.enum(description="The width of a step on a time axis · 时间粒度")
class Bucket(Enum):
    """Steps of time."""

    DAY = enum_value("day", description="日")
    MONTH = enum_value("month", description="月")
    QUARTER = enum_value("quarter", description="季")
    YEAR = enum_value("year", description="年")


@strawberry.enum(description="How often something is meant to happen · 频次")
class Cadence(Enum):
    """Periods of the calendar."""

    WEEKLY = enum_value("weekly", description="From Monday to Sunday · 每周")
    MONTHLY = enum_value("monthly", description="每月")
    TWO_MONTHLY = enum_value("two_monthly", description="January with February, … · 每两月")
    QUARTERLY = enum_value("quarterly", description="每季")
    HALF_YEARLY = enum_value("half_yearly", description="每半年")
    YEARLY = enum_value("yearly", description="每年")


@strawberry.enum(description="Whether a period had its meeting · 频次执行")
class PeriodState(Enum):
    """States of a period."""

    KEPT = enum_value("kept", description="A meeting was held · 已召开")
    MISSED = enum_value("missed", description="It is over without a meeting · 未召开")
    OPEN = enum_value("open", description="It is not over and had no meeting yet · 进行中")


@strawberry.enum(description="What figures are grouped by · 分组方式")
class Grouping(Enum):
    """Keys of groups."""

    LEVEL = enum_value("level", description="清单级别")
    REGION = enum_value("region", description="地区")
    CLASS = enum_value("class", description="清单类别")
    INDUSTRY = enum_value("industry", description="产业")


@strawberry.enum(
    description="A node of a life; its date may be planned, forecast or actual · 里程碑节点"
)
class Milestone(Enum):
    """Nodes of a life, in their usual order."""

    REGISTERED = enum_value("registered", description="登记")
    SIGNED = enum_value("signed", description="签约")
    CODE_ASSIGNED = enum_value("code_assigned", description="赋码")
    APPROVED = enum_value("approved", description="立项 (审批, 核准, 备案)")
    PRE_ASSESSED = enum_value("pre_assessed", description="预评估")
    ADMITTED = enum_value("admitted", description="准入")
    AGREEMENT_SIGNED = enum_value("agreement_signed", description="签订履约监管协议")
    LAND_OFFERED = enum_value("land_offered", description="土地挂牌")
    LAND_AWARDED = enum_value("land_awarded", description="摘牌")
    LAND_CONTRACTED = enum_value("land_contracted", description="签订出让合同")
    LAND_DELIVERED = enum_value("land_delivered", description="交地")
    PERMITS_COMPLETE = enum_value("permits_complete", description="证照齐备")
    CONSTRUCTION_PERMIT = enum_value("construction_permit", description="施工许可")
    CONSTRUCTION_STARTED = enum_value("construction_started", description="开工")
    STATISTICS_ENROLLED = enum_value("statistics_enrolled", description="入统")
    TOPPED_OUT = enum_value("topped_out", description="封顶")
    COMPLETION_ACCEPTED = enum_value("completion_accepted", description="竣工验收")
    TRIAL_PRODUCTION = enum_value("trial_production", description="试生产")
    COMMISSIONED = enum_value("commissioned", description="投产")
    CAPACITY_REACHED = enum_value("capacity_reached", description="达产")
    POST_EVALUATED = enum_value("post_evaluated", description="后评价")


@strawberry.enum(description="Which assessment of a project · 评价类型")
class EvaluationKind(Enum):
    """Kinds of evaluations."""

    PRE_ASSESSMENT = enum_value("pre_assessment", description="Before its land · 前评估")
    POST_EVALUATION = enum_value("post_evaluation", description="After its start · 后评价")


@strawberry.enum(description="What a statutory clock runs out for · 期限类型")
class AlarmKind(Enum):
    """Kinds of alarms."""

    PERMIT_VOID = enum_value("permit_void", description="施工许可证废止")
    APPROVAL_VOID = enum_value("approval_void", description="核准、审批文件失效")
    IDLE_LAND = enum_value("idle_land", description="Land counts as idle · 构成闲置土地")
    LAND_RESUMED = enum_value("land_resumed", description="Land may be taken back · 可收回土地")
    STOPPED_LAND = enum_value(
        "stopped_land",
        description="Land counts as idle, since works on it stand still · 中止建设构成闲置土地",
    )
    STOP_REPORT = enum_value(
        "stop_report", description="That works stand still has to be reported · 中止施工应当报告"
    )
    PERMIT_REVERIFY = enum_value(
        "permit_reverify",
        description="The permit has to be verified again before works go on · 复工前应当核验许可证",
    )


@strawberry.enum(description="Where a plot of land stands · 地块状态")
class ParcelState(Enum):
    """States of plots."""

    OFFERED = enum_value("offered", description="Offered, not awarded · 批而未供")
    SUPPLIED = enum_value("supplied", description="Awarded, not built on · 供而未用")
    IDLE = enum_value("idle", description="Declared idle · 闲置")
    IN_USE = enum_value("in_use", description="Built on · 已用")
    RECOVERED = enum_value("recovered", description="Taken or given back · 已收回")


@strawberry.enum(description="What an order rule says about two facts · 次序规则判定")
class RuleOutcome(Enum):
    """Outcomes of order rules."""

    VIOLATED = enum_value("violated", description="Broken for certain · 违反")
    MISSING_PREDECESSOR = enum_value(
        "missing_predecessor", description="The earlier fact is not known · 缺前置事项"
    )
    UNDECIDABLE = enum_value("undecidable", description="The dates are too coarse · 无法判定")


@strawberry.enum(description="What became of a project between two pairs of clocks · 变动类型")
class ChangeKind(Enum):
    """Kinds of differences."""

    ADDED = enum_value("added", description="It was not there before · 新增")
    REMOVED = enum_value("removed", description="It is not there any more · 消失")
    CHANGED = enum_value("changed", description="It is there at both, and differs · 变更")


@strawberry.enum(description="A group of values that are compared · 比较内容")
class ChangedField(Enum):
    """Groups of values."""

    PROJECT = enum_value("project", description="Title, code, place, enterprise, totals · 基本信息")
    PHASE = enum_value("phase", description="The phase of the life · 所处阶段")
    COLOUR = enum_value("colour", description="The colour · 颜色")
    PLAN = enum_value("plan", description="Planned and forecast dates of nodes · 节点计划")
    REACHED = enum_value("reached", description="Actual dates of nodes · 节点完成")
    AGREED = enum_value("agreed", description="Agreed indicators and dates · 约定指标")
    LISTING = enum_value("listing", description="Entries on annual lists · 清单")
    EVALUATION = enum_value("evaluation", description="Post-evaluations · 后评价")
    PERMIT = enum_value("permit", description="Permits and their cases · 证照")
    INVESTMENT = enum_value("investment", description="Reported investment · 完成投资")
    NODE_COLOUR = enum_value(
        "node_colour", description="The colour of every node, by dates alone · 节点颜色"
    )
    DEVIATION = enum_value("deviation", description="Rules that are broken · 违规")


@strawberry.enum(description="What became of one delivered fact · 回执状态")
class ReceiptStatus(Enum):
    """Statuses of receipts."""

    ACCEPTED = enum_value("accepted", description="Appended · 已接收")
    DUPLICATE = enum_value("duplicate", description="Known already, nothing changed · 重复")
    CORRECTED = enum_value("corrected", description="Appended as a newer version · 已更正")
    SUPERSEDED = enum_value("superseded", description="Older than what is known · 已被取代")
    QUARANTINED = enum_value("quarantined", description="Kept, not appended · 已隔离")
    REJECTED = enum_value("rejected", description="Malformed or forbidden · 已拒绝")


@strawberry.enum(description="A step of the funnel of assessments · 漏斗环节")
class FunnelStage(Enum):
    """Steps of the funnel."""

    SUBMITTED = enum_value("submitted", description="Assessment asked for · 申报")
    PASSED = enum_value("passed", description="Admitted · 通过")
    LISTED = enum_value("listed", description="On a list of municipal or higher level · 列入清单")
    LAND = enum_value("land", description="Land awarded · 摘牌")
    PERMITS = enum_value("permits", description="Construction permitted · 施工许可")
    STARTED = enum_value("started", description="开工")
    COMMISSIONED = enum_value("commissioned", description="投产")


@strawberry.enum(description="What is awarded to districts · 红旗或表态")
class BannerKind(Enum):
    """Kinds of banners."""

    RED_BANNER = enum_value("red_banner", description="The rotating red banner · 流动红旗")
    STATEMENT_REQUIRED = enum_value("statement_required", description="表态发言")


@strawberry.enum(description="What was decided about idle land · 闲置土地处置")
class LandDecision(Enum):
    """Decisions about idle land."""

    IDLE_DECLARED = enum_value("idle_declared", description="认定闲置")
    FEE = enum_value("fee", description="A fee was charged · 征缴闲置费")
    RESUMED = enum_value("resumed", description="Taken back · 收回")
    RETURNED = enum_value("returned", description="Given back · 退还")


@strawberry.enum(description="What premises are · 场所类型")
class PremisesKind(Enum):
    """Kinds of premises."""

    LEASE = enum_value("lease", description="租赁厂房")
    OWNED_PLANT = enum_value("owned_plant", description="自有厂房")
    VERTICAL_FACTORY = enum_value("vertical_factory", description="工业上楼")
    REDEVELOPMENT = enum_value("redevelopment", description="存量改造")


@strawberry.enum(description="What keeps a period of a calendar · 履行事项")
class ReviewEvent(Enum):
    """Events that keep a calendar."""

    JOINT_REVIEW = enum_value("joint_review", description="联审会办")
    SITE_VISIT = enum_value("site_visit", description="现场办公")
    RANKING = enum_value("ranking", description="A published ranking · 考评")


@strawberry.enum(description="An element of the works · 形象进度部位")
class BuildingPart(Enum):
    """Elements of the works."""

    PILING = enum_value("piling", description="桩基")
    FOUNDATION = enum_value("foundation", description="基础")
    TOPPING_OUT = enum_value("topping_out", description="封顶")
    INSTALLATION = enum_value("installation", description="Equipment · 设备安装")
    COMMISSIONING_TEST = enum_value("commissioning_test", description="调试")


@strawberry.enum(description="How a measure is held against a threshold · 比较方式")
class Comparison(Enum):
    """Comparisons."""

    AT_LEAST = enum_value("at_least", description="≥")
    ABOVE = enum_value("above", description=">")
    AT_MOST = enum_value("at_most", description="≤")
    BELOW = enum_value("below", description="<")
    EQUAL = enum_value("equal", description="=")
