"""Declare the inputs of the contract: the two clocks, the filter of projects, evidence."""

import strawberry

from api.declaration import demanding
from api.enums import Colour, ListClass, ListLevel, Phase
from api.scalars import Date, DateTime, Decimal
from domain.industry import industry_beginning
from domain.regions import region_beginning


@strawberry.input(
    description=(
        "The two clocks: what had been recorded by a time or position, and the day on which the"
        " world is judged · 双时间轴: 已知时间与判定日期"
    )
)
class AsOf:
    """The two clocks of a question."""

    known: DateTime | None = strawberry.field(
        default=None,
        description=(
            "Only what had been recorded by then, inclusive; a time without a fraction covers its"
            " whole second. By default everything known now · 已知截止时间"
        ),
    )
    known_position: int | None = strawberry.field(
        default=None,
        description="The same as a position of the ledger; not together with known · 已知截止序号",
    )
    on: Date | None = strawberry.field(
        default=None,
        description=(
            "The day judged; by default the day of known in Beijing, or else today in Beijing"
            " · 判定日期"
        ),
    )


@strawberry.input(description="Which projects; every condition given must hold · 项目筛选")
class ProjectFilter:
    """Conditions on projects."""

    region: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="In one of these districts, by code or its beginning · 行政区划",
        metadata=demanding(check=region_beginning),
    )
    park: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these parks · 园区"
    )
    phase: list[Phase] | None = strawberry.field(
        default=None, description="In one of these phases · 所处阶段"
    )
    colour: list[Colour] | None = strawberry.field(
        default=None, description="In one of these colours · 颜色"
    )
    level: list[ListLevel] | None = strawberry.field(
        default=None, description="On a list of one of these levels · 清单级别"
    )
    list_year: int | None = strawberry.field(
        default=None,
        description="On a list of this year · 清单年度",
        metadata=demanding(between=(1900, 2200)),
    )
    class_: list[ListClass] | None = strawberry.field(
        name="class", default=None, description="Listed in one of these classes · 清单类别"
    )
    industry: list[str] | None = strawberry.field(
        default=None,
        description="In one of these industries, by GB/T 4754 code · 行业",
        metadata=demanding(check=industry_beginning),
    )
    total_investment_min_yi: Decimal | None = strawberry.field(
        default=None,
        description="With at least so many 100 million yuan in total · 总投资下限 (亿元)",
    )
    enterprise: strawberry.ID | None = strawberry.field(
        default=None, description="Of this enterprise · 企业"
    )
    text: str | None = strawberry.field(
        default=None,
        description="With these characters in the title; none leaves nothing out · 名称包含",
        metadata=demanding(may_be_empty=True),
    )
    signed_from: Date | None = strawberry.field(
        default=None, description="Signed on or after this day · 签约起始日期"
    )
    signed_to: Date | None = strawberry.field(
        default=None, description="Signed on or before this day · 签约截止日期"
    )
    has_deviation: bool | None = strawberry.field(
        default=None, description="Whether it breaks an order rule · 是否存在违规"
    )


@strawberry.input(description="A document that supports a fact · 佐证材料")
class EvidenceInput:
    """A supporting document, known by its digest."""

    id: strawberry.ID = strawberry.field(description="The document's id · 标识")
    title: str = strawberry.field(description="Its title · 名称")
    sha256: str = strawberry.field(description="The SHA-256 of its bytes, in hexadecimal · 摘要")
    uri: str | None = strawberry.field(default=None, description="Where it can be fetched · 地址")
    page: int | None = strawberry.field(default=None, description="The page that matters · 页码")
