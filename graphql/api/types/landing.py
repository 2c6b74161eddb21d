"""Declare what goes with a project before and after it is built: scores, lists, progress."""

import strawberry

from api.declaration import reads, replaced
from api.enums import BuildingPart
from api.scalars import Date, Decimal, FlexDate
from api.types.judgement import Deviation
from api.types.value import Money, PolicyRef


@strawberry.type(description="One thing a plot was examined for · 清单事项")
class ServiceListItem:
    """An item of a land service list."""

    code: str = reads("What was examined, as flood · 事项代码")
    department: str = reads("Who examined it · 部门")
    conclusion: str = reads("What came of it · 结论")


@strawberry.type(description="Everything departments ask of a plot, issued once · 用地服务清单")
class LandServiceList:
    """A land service list."""

    id: strawberry.ID = reads("The list's id · 标识")
    parcel_id: strawberry.ID = reads("The plot it belongs to · 地块")
    issued_on: Date = reads("When it was issued · 发出日期")
    issued_with_contract: bool = reads("Whether it went out with the contract · 是否随合同发出")
    items: int = reads("How many things were examined · 事项数")
    entries: list[ServiceListItem] = reads("What was examined, and by whom · 事项")
    off_list_requirements: list[Deviation] = reads(
        "What departments asked for outside it, dropped or not · 清单外要求"
    )


@strawberry.type(description="The score of one criterion · 指标得分")
class CriterionScore:
    """The score of one criterion."""

    criterion: str = reads("The criterion · 评分项")
    score: Decimal = reads("The points given · 得分")
    max: Decimal = reads("The most there could be · 满分")
    weight: Decimal | None = reads("Its weight · 权重")


@strawberry.type(description="How experts scored a dossier before landing · 前评估打分")
class PreAssessmentScore:
    """A scoring."""

    assessment_id: strawberry.ID | None = reads("The assessment, if it was named · 评估编号")
    round: str = reads("Which round · 轮次")
    scored_on: FlexDate = reads("When it was scored · 打分日期")
    total: Decimal = reads("The points in all · 总分")
    panel: str = reads("Who scored · 评审组")
    policy_id: strawberry.ID = reads("The rules it was scored under, as named · 依据")
    policy: PolicyRef | None = reads("These rules; null while the ledger does not know them · 依据")
    criteria: list[CriterionScore] = reads("The scores, by criterion · 分项得分")


@strawberry.type(description="What could be seen on the site · 形象进度")
class SiteProgress:
    """A report of physical progress."""

    phase_id: strawberry.ID | None = reads("The phase, if one was named · 分期")
    seen_on: FlexDate = reads("When it was seen · 日期")
    percent: Decimal | None = reads("The share of the works done · 完成比例")
    element: str | None = replaced("The element finished, as topping-out · 部位", "part")
    part: BuildingPart | None = reads("The element finished · 部位")


@strawberry.type(description="What had to be put right after an evaluation · 整改")
class Remedy:
    """A remedy."""

    evaluation_id: strawberry.ID = reads("The evaluation that found it wanting · 后评价")
    open: bool = reads("Whether it is still to be done · 是否未结")
    items: list[str] = reads("What is to be done · 整改事项")
    due: FlexDate | None = reads("By when, extensions included · 期限")
    overdue: bool = reads("Whether that has passed · 是否逾期")
    extensions: int = reads("How often it was extended · 延期次数")
    penalty: Money | None = reads("The penalties so far · 违约金")
