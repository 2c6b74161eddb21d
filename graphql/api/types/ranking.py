"""Declare the competition between districts: rankings, their metrics, banners and drift."""

import strawberry

from api.declaration import reads, replaced
from api.enums import BannerKind
from api.scalars import JSON, Date, DateTime, Decimal, FlexDate
from api.types.event import Event
from api.types.value import PolicyRef, Ratio


@strawberry.type(description="What one metric gave a district · 单项得分")
class MetricScore:
    """One metric of a line."""

    code: str = reads("The metric, as start_rate · 指标")
    raw: Decimal | None = reads(
        "What was reached: percent, 亿元, mu or a number; null where there was nothing to divide by"
        " · 原始值"
    )
    points: Decimal = reads("The points it gave, weight included · 得分")
    weight: Decimal | None = reads("Its weight in the period · 权重")
    rate: Ratio | None = reads("Both sides of the raw value, if it is a rate · 分子与分母")


@strawberry.type(description="One district in a ranking · 排名行")
class RankingRow:
    """One line of a ranking."""

    rank: int = reads("Its rank; equal scores share one, and the next is skipped · 名次")
    region: strawberry.ID = reads("The district, city or park · 板块")
    score: Decimal = reads("The sum of its points · 总分")
    movement: int | None = reads(
        "Places won since the period before, as published; null if it was not · 升降"
    )
    consecutive_first: int = reads(
        "How many published periods up to this one it came first in a row · 连续第一"
    )
    metrics: list[MetricScore] = reads("What its points are made of · 各项得分")


@strawberry.type(description="A value of a published ranking that is another today · 发布后变动")
class Drift:
    """A difference between what was published and what is known now."""

    path: str = reads("The value, as rows.320582.metrics.start_rate.raw · 路径")
    old: JSON | None = reads("As published · 发布值")
    new: JSON | None = reads("As the same policy has it now · 现值")
    cause: Event | None = reads(
        "The last event that made the difference; null where no event explains it · 原因事件"
    )
    causes: list[Event] = reads("All events that made the difference · 全部原因事件")


@strawberry.type(
    description="A banner for the first, a statement for the last · 流动红旗, 表态发言"
)
class Banner:
    """A banner or a demand for a statement."""

    round: strawberry.ID = reads("The round of the ranking · 轮次")
    region: strawberry.ID = reads("Who was given it · 板块")
    kind: str = replaced("red-banner or statement-required · 类型", "award")
    award: BannerKind = reads("What was awarded · 类型")
    on: FlexDate = reads("When · 日期")
    event: Event = reads("The fact · 事件")


@strawberry.type(description="The ranking of a period, published or computed · 排名")
class Ranking:
    """A ranking."""

    period: str = reads("The period, as 2024-Q2 or 2024 · 期间")
    published: bool = reads("Whether this is a published result · 是否已发布")
    published_at: DateTime | None = reads("The day it was published, at noon in Beijing · 发布时间")
    as_known_at: DateTime | None = reads("Until when facts were taken into account · 数据截止时间")
    round: strawberry.ID | None = reads("The round it was published as · 轮次")
    policy: PolicyRef | None = reads(
        "The rules it was made by; null where the ledger does not have them · 排名依据"
    )
    reason: str | None = reads("Why there are no lines, if there are none for a reason · 说明")
    publication: Event | None = reads("The fact of its publication · 发布事件")
    publications: list[Event] = reads(
        "Every publication of the round up to the judged day, the last first: what was published"
        " again stays to be seen · 历次发布"
    )
    rows: list[RankingRow] = reads("The districts, the first first · 排名")
    drift: list[Drift] = reads(
        "What differs between the publication and the same rules over what is known now;"
        " nothing without a publication · 发布后变动"
    )
    banners: list[Banner] = reads("What was awarded in the round · 流动红旗与表态发言")


@strawberry.type(description="A measure at one state of knowledge · 计量值")
class MeasuredValue:
    """A measured value."""

    value: Decimal | None = reads(
        "Percent, 亿元, mu or a number; null where there was nothing to divide by · 值"
    )
    rate: Ratio | None = reads("Both sides, if it is a rate · 分子与分母")


@strawberry.type(
    description="A result of a year, as its books were closed and as it is known now · 年度结果"
)
class AnnualResult:
    """A result of a year."""

    measure: str = reads("The measure, as start_rate · 计量项")
    name: str = reads("What it counts · 名称")
    closed_on: Date = reads("The day the books are closed, to its end in Beijing · 结账日")
    as_closed: MeasuredValue | None = reads(
        "As known when the books were closed; null before · 结账时值"
    )
    now: MeasuredValue = reads("As known now · 现值")
    drifted: bool = reads("Whether the two differ · 是否变动")
    causes: list[Event] = reads(
        "The events recorded since that changed what a project adds · 变动原因"
    )
    policy: PolicyRef | None = reads("The rule that names the closing day · 依据")
