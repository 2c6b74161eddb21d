"""Declare what is different about projects between two pairs of clocks."""

import strawberry

from api.declaration import Argument, reads
from api.enums import ChangedField, ChangeKind
from api.scalars import JSON, Date
from api.types.event import Event
from api.types.judgement import LazyProject
from api.types.value import PageInfo


@strawberry.type(description="A value of a project that is another at the later clocks · 字段变动")
class FieldChange:
    """A value that changed."""

    path: str = reads(
        "The value: title, code, region, park, industry, enterprise, intendedInvestment,"
        " totalInvestment, fixedAssetInvestment (万元), phase, phaseLeast, colour,"
        " milestones.LAND_AWARDED.planned, .forecast, .actual or .colour (behind phases.<id>. in"
        " further phases), agreements.<id>.<indicator>, listings.<list>.level, .class or"
        " .annualPlan, evaluations.<checkpoint>.grade or .total, permits.<kind>.issued or .status,"
        " investment.2024-05.STATISTICAL, deviations.R07 · 路径"
    )
    old: JSON | None = reads("At the first clocks; null where there was none · 原值")
    new: JSON | None = reads("At the second clocks; null where there is none · 新值")
    cause: Event | None = reads(
        "The last event that made the difference, of a corrected fact the correction; null where"
        " only time passed · 原因事件"
    )
    causes: list[Event] = reads("All events that made the difference · 全部原因事件")


@strawberry.type(description="What is different about one project · 项目变动")
class ProjectDiff:
    """A project with something different."""

    kind: ChangeKind = reads("Whether it appeared, vanished or changed · 变动类型")
    project: LazyProject = reads(
        "The project at the second clocks; if it was removed, at the first · 项目"
    )
    changes: list[FieldChange] = reads("What is different, by path · 字段变动")


@strawberry.type(description="A project with something different, with its cursor · 变动边")
class ProjectDiffEdge:
    """A difference with its cursor."""

    node: ProjectDiff = reads("The difference · 变动")
    cursor: str = reads("Where it lies among all · 游标")


@strawberry.type(description="A page of differences · 变动分页")
class ProjectDiffConnection:
    """A page of differences."""

    nodes: list[ProjectDiff] = reads("The differences of the page · 变动")
    edges: list[ProjectDiffEdge] = reads("The differences of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many projects differ, on all pages · 总数")


@strawberry.type(
    description="One recorded event in the life of a project, and what it changed · 回放步骤"
)
class ReplayStep:
    """A step of a replay."""

    event: Event = reads("What was recorded · 事件")
    judged_on: Date = reads("The day on which before and after are judged · 判定日期")
    before: LazyProject | None = reads(
        "The project without the event; null where it was not known or not yet there · 事件之前"
    )
    after: LazyProject | None = reads("The project with the event · 事件之后")
    changes: list[FieldChange] = reads(
        "What the event changed, judgements included · 事件引起的变动",
        fields=Argument(
            list[ChangedField] | None, "What to compare; by default everything · 比较内容", None
        ),
    )


@strawberry.type(description="A step of a replay, with its cursor · 回放边")
class ReplayStepEdge:
    """A step with its cursor."""

    node: ReplayStep = reads("The step · 步骤")
    cursor: str = reads("Where it lies among all · 游标")


@strawberry.type(description="A page of steps · 回放分页")
class ReplayStepConnection:
    """A page of steps."""

    nodes: list[ReplayStep] = reads("The steps of the page · 步骤")
    edges: list[ReplayStepEdge] = reads("The steps of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many steps there are on all pages · 总数")
