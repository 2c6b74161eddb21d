"""Declare the questions: every root field reads, takes `asOf` and may wait for a position."""

import strawberry

from api.declaration import Argument
from api.enums import (
    Basis,
    Bucket,
    Grouping,
    Milestone,
    RuleOutcome,
)
from api.query_difference import DifferenceQuery
from api.query_intake import IntakeQuery
from api.query_life import LifeQuery
from api.query_proof import ProofQuery
from api.query_service import ServiceQuery
from api.query_steering import SteeringQuery
from api.root_field import (
    AFTER,
    COUNTED_BY,
    FILTER,
    FIRST,
    KINDS,
    LEVELS,
    POLICY,
    POLICY_KIND,
    REGIONS,
    YEAR,
    asks,
)
from api.scalars import Date, DateTime
from api.types.event import EventConnection
from api.types.judgement import Deviation, MilestoneState
from api.types.measure import (
    AdmissionSummary,
    BoardCell,
    ColourChange,
    Distribution,
    FunnelStep,
    PlanActual,
    StartRatePoint,
)
from api.types.node import Node
from api.types.project import Project, ProjectConnection
from api.types.value import PolicyRef
from domain.policy import jurisdiction
from projections.answers.rules import rule_named


@strawberry.type(description="What can be asked · 查询")
class Query(LifeQuery, SteeringQuery, ServiceQuery, ProofQuery, IntakeQuery, DifferenceQuery):
    """The questions."""

    node: Node | None = asks(
        "Whatever has this id: a project, an event or a policy · 按标识查找",
        # Relay asks for whatever it holds; an empty id is the id of nothing.
        id=Argument(strawberry.ID, "Its id · 标识", may_be_empty=True),
    )
    project: Project | None = asks(
        "One project, by id or by code · 单个项目",
        id=Argument(
            strawberry.ID | None, "Its id, its stream or an alias as source:… · 标识", None
        ),
        code=Argument(str | None, "Its national project code · 项目代码", None),
    )
    projects: ProjectConnection = asks(
        "Projects, page by page · 项目列表",
        filter=FILTER,
        first=FIRST,
        after=AFTER,
        order_by=Argument(str | None, "The field to order by · 排序字段", None),
    )
    events: EventConnection = asks(
        "The facts in the order they were recorded, for replicas and audits; of asOf only what"
        " was known counts here, the judged day does not · 事件列表",
        stream=Argument(strawberry.ID | None, "Only of this stream or project · 事件流", None),
        types=KINDS,
        source=Argument(str | None, "Only from this system · 来源系统", None),
        recorded_from=Argument(DateTime | None, "Recorded then or later · 记录起始时间", None),
        recorded_to=Argument(
            DateTime | None,
            "Recorded then or earlier; without a fraction the whole second · 记录截止时间",
            None,
        ),
        corrections_only=Argument(
            bool | None, "Only corrections and retractions · 仅更正与撤销", None
        ),
        first=Argument(int, "How many, 1 to 1000 · 条数", 100, (1, 1000)),
        after=Argument(
            str | None, "Go on after this cursor, or after this position · 游标或序号", None
        ),
    )
    policy: PolicyRef | None = asks(
        "The policy of a kind in force on a day · 生效政策",
        kind=POLICY_KIND,
        on=Argument(Date, "The day · 日期"),
        region=Argument(
            strawberry.ID | None, "For this district · 行政区划", None, check=jurisdiction
        ),
    )
    board: list[BoardCell] = asks(
        "Projects counted by region and colour · 三色看板", filter=FILTER, policy=POLICY
    )
    colour_changes: list[ColourChange] = asks(
        "How colours changed between two days, and why, oldest first · 变色记录",
        filter=FILTER,
        from_=Argument(Date, "The first day · 起始日期"),
        to=Argument(Date, "The last day · 截止日期"),
        first=Argument(
            int | None,
            "At most so many of the oldest, 1 to 10,000; by default 2,000 · 条数",
            None,
            (1, 10_000),
        ),
    )
    overdue: list[MilestoneState] = asks(
        "Nodes that are late · 超期节点",
        filter=FILTER,
        min_days_late=Argument(
            int, "Late by at least so many days · 最少超期天数", 1, (0, 100_000)
        ),
    )
    funnel: list[FunnelStep] = asks(
        "How far the submitted projects came, step by step · 转化漏斗",
        filter=FILTER,
        policy=COUNTED_BY,
    )
    lead_times: Distribution = asks(
        "The time between two nodes over many projects · 历时分布",
        from_=Argument(Milestone, "The first node · 起点"),
        to=Argument(Milestone, "The second node · 终点"),
        filter=FILTER,
        work_days=Argument(bool, "Count working days only · 是否按工作日", default=False),
    )
    start_rate: list[StartRatePoint] = asks(
        "Started of the new projects on the lists of a year · 开工率",
        year=YEAR,
        levels=LEVELS,
        region=REGIONS,
        bucket=Argument(Bucket, "The width of a step · 时间粒度", Bucket.MONTH),
        policy=COUNTED_BY,
    )
    land_and_start: ProjectConnection = asks(
        "Projects that started as soon as they had their land · 拿地即开工",
        year=YEAR,
        region=REGIONS,
        within_workdays=Argument(
            int | None,
            "At most so many working days; by default as the policy says · 工作日上限",
            None,
            (0, 1000),
        ),
        first=FIRST,
        after=AFTER,
    )
    plan_actual: list[PlanActual] = asks(
        "Planned against actual investment, by group · 计划完成情况",
        year=YEAR,
        through=Argument(
            str,
            "The last month counted, of the same year, as 2024-12 · 截至月份",
            pattern="(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])",
            beginning="year",
        ),
        basis=Argument(Basis, "Whose figures · 口径"),
        group_by=Argument(Grouping, "What to group by · 分组方式"),
        filter=FILTER,
        policy=COUNTED_BY,
    )
    admissions: AdmissionSummary = asks(
        "The admissions of a year in one card · 准入评审",
        year=YEAR,
        region=REGIONS,
        policy=COUNTED_BY,
    )
    deviations: list[Deviation] = asks(
        "Order rules that projects break · 违规",
        filter=FILTER,
        rule=Argument(
            strawberry.ID | None, "Only this rule, as R01 · 规则编号", None, check=rule_named
        ),
        outcomes=Argument(
            list[RuleOutcome] | None,
            "Rules with one of these outcomes; by default those broken · 判定结果",
            None,
        ),
    )
