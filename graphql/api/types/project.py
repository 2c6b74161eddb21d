"""Declare the project: everything known about one investment project on a day."""

from typing import Optional

import strawberry

from api.declaration import Argument, reads
from api.enums import Basis, Colour, Milestone, Phase
from api.root_field import KINDS, POLICY
from api.scalars import JSON, Date, DateTime, Decimal
from api.types.clock import Alarm, ColourOverride
from api.types.difference import ReplayStepConnection
from api.types.event import EventConnection, Evidence
from api.types.finance import Facility, LoanLine
from api.types.incentive import IncentiveGroup
from api.types.judgement import (
    CapacityTest,
    Deviation,
    InvestmentPoint,
    LeadTime,
    Listing,
    MilestoneState,
    PermitBurst,
    PermitState,
    PhaseState,
    PostEvaluation,
)
from api.types.landing import LandServiceList, PreAssessmentScore, Remedy, SiteProgress
from api.types.node import Node
from api.types.service import Issue, PremisesChange, RequestStats, SiteVisit, StewardTerm
from api.types.value import Area, Money, PageInfo


@strawberry.type(description="An investment project, as known and true at the time asked · 项目")
class Project(Node):
    """A project."""

    id: strawberry.ID = reads("The project's id in this ledger · 标识")
    as_of: Optional["Project"] = reads(
        "The same project under other clocks, beside those of the question; null where it was not"
        " known or not yet there · 另一时点",
        known=Argument(DateTime | None, "Only what had been recorded by then · 已知截止时间", None),
        known_position=Argument(
            int | None, "The same as a position · 已知截止序号", None, (0, 2**31 - 1)
        ),
        on=Argument(Date | None, "The day judged; by default that of known · 判定日期", None),
    )
    code: str | None = reads("Its national project code in force · 项目代码")
    title: str = reads("Its name · 项目名称")
    region: strawberry.ID = reads("Its district, by GB/T 2260 code · 行政区划")
    park: str | None = reads("Its park or zone · 园区")
    enterprise: str | None = reads("The enterprise behind it · 企业")
    phase: Phase = reads("The phase of its furthest part · 最前分期所处阶段")
    phase_least: Phase = reads("The phase of its least advanced part · 最后分期所处阶段")
    colour: Colour = reads(
        "Its colour under the policy of the judged day, unless people decided otherwise, or as"
        " judged under the one named · 颜色",
        policy=POLICY,
    )
    judged_colour: Colour = reads("Its colour as judged, whatever was decided · 判定颜色")
    colour_override: ColourOverride | None = reads(
        "The decision to show another colour, while it holds · 人工改色"
    )
    alarms: list[Alarm] = reads("The statutory clocks that run against it · 法定期限提醒")
    total_investment: Money | None = reads(
        "Its total investment, as signed or else as intended; null while unknown · 总投资"
    )
    fixed_asset_investment: Money | None = reads("Its investment in fixed assets · 固定资产投资")
    demand_land: Area | None = reads("The land it asked for · 需求用地")
    supplied_land: Area | None = reads("The land it was awarded · 供应用地")
    phases: list[PhaseState] = reads("Its phases, at least one · 分期")
    milestones: list[MilestoneState] = reads("Its nodes, planned or reached · 节点")
    permits: list[PermitState] = reads("Its permit cases · 证照")
    land_service_list: LandServiceList | None = reads(
        "The land service list issued last · 用地服务清单"
    )
    land_service_lists: list[LandServiceList] = reads(
        "Its land service lists, one a plot · 各地块用地服务清单"
    )
    pre_assessment_scores: list[PreAssessmentScore] = reads(
        "How its dossiers were scored before landing · 前评估打分"
    )
    physical_progress: list[SiteProgress] = reads("What was seen on its site · 形象进度")
    remedies: list[Remedy] = reads("What evaluations want put right · 整改")
    permit_burst: PermitBurst | None = reads("Its day with most permits · 多证齐发")
    listings: list[Listing] = reads("Its entries on lists of major projects · 清单")
    investment: list[InvestmentPoint] = reads(
        "Its investment, month by month · 投资进度",
        year=Argument(int, "The year · 年度", between=(1900, 2200)),
        basis=Argument(Basis, "Whose figures · 口径", Basis.STATISTICAL),
    )
    lead_time: LeadTime | None = reads(
        "The time between two of its nodes; null until both are reached · 历时",
        from_=Argument(Milestone, "The first node · 起点"),
        to=Argument(Milestone, "The second node · 终点"),
    )
    intensity: Decimal | None = reads(
        "Investment per mu of land, in 10,000 yuan · 投资强度 (万元/亩)",
        basis=Argument(
            str, "fixed_asset or total · 口径", "fixed_asset", pattern="fixed_asset|total"
        ),
    )
    agreements: JSON | None = reads("Its performance agreements with their indicators · 履约协议")
    post_evaluations: list[PostEvaluation] = reads("Its evaluations, oldest first · 后评价")
    incentives: list[IncentiveGroup] = reads(
        "The groups it belongs to that packages of incentives are for · 享受政策"
    )
    capacity: CapacityTest | None = reads("What was reached of its capacity · 达产达效")
    loans: list[LoanLine] = reads("What banks paid out to it, oldest first · 放款")
    facilities: list[Facility] = reads("What banks put at its disposal · 授信")
    requests: RequestStats = reads("The requests made for it · 企业诉求")
    stewards: list[StewardTerm] = reads(
        "Who answers for it, oldest first · 项目管家",
        in_force=Argument(bool, "Only those on the judged day · 仅在任", default=False),
    )
    premises_change: PremisesChange | None = reads(
        "What its last premises changed; null without any · 用地提质"
    )
    visits: list[SiteVisit] = reads("The visits paid to it, oldest first · 现场办公")
    issues: list[Issue] = reads(
        "What holds it up, oldest first · 堵点问题",
        open=Argument(bool | None, "Only open ones, or only resolved ones · 是否未销号", None),
    )
    deviations: list[Deviation] = reads("The order rules it breaks · 违规")
    events: EventConnection = reads(
        "Its facts in the order they were recorded · 事件",
        types=KINDS,
        first=Argument(int, "How many, 1 to 1000 · 条数", 100, (1, 1000)),
        after=Argument(str | None, "Go on after this cursor · 游标", None),
    )
    replay: ReplayStepConnection = reads(
        "Its life step by step, in the order it was recorded: every event with the project before"
        " and after it, and what it changed · 回放",
        recorded_from=Argument(DateTime | None, "Recorded then or later · 记录起始时间", None),
        recorded_to=Argument(DateTime | None, "Recorded then or earlier · 记录截止时间", None),
        each_day=Argument(
            bool,
            "Judge each step on the day it was recorded, instead of the judged day of the question"
            " · 是否按记录当日判定",
            default=False,
        ),
        first=Argument(int, "How many, 1 to 200 · 条数", 20, (1, 200)),
        after=Argument(str | None, "Go on after this cursor · 游标", None),
    )
    evidence: list[Evidence] = reads("The documents that support its facts · 佐证材料")


@strawberry.type(description="A project in a connection, with its cursor · 项目边")
class ProjectEdge:
    """An entry of a project connection."""

    cursor: str = reads("The place of the project, to go on after · 游标")
    node: Project = reads("The project · 项目")


@strawberry.type(description="A page of projects · 项目分页")
class ProjectConnection:
    """A page of projects."""

    nodes: list[Project] = reads("The projects of the page · 项目")
    edges: list[ProjectEdge] = reads("The projects of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many projects there are on all pages · 总数")
