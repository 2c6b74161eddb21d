"""Declare the value objects: money, areas, ratios and the policy behind a judgement."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.declaration import Argument, reads
from api.enums import AreaUnit, Unit
from api.scalars import Date, Decimal, FlexDate
from api.types.node import Node

if TYPE_CHECKING:
    from api.types.event import Event

LazyEvent = Annotated["Event", strawberry.lazy("api.types.event")]


@strawberry.type(description="An exact amount of renminbi · 金额")
class Money:
    """An amount of money."""

    amount: Decimal = reads(
        "The amount in a unit, exactly · 数额",
        unit=Argument(Unit, "The unit wanted · 单位", Unit.WAN_YUAN),
    )
    as_reported: str | None = reads("The words of the source, if it gave any · 原始表述")


@strawberry.type(description="An area of land or floor · 面积")
class Area:
    """An area."""

    value: Decimal = reads(
        "The area in a unit · 数值", unit=Argument(AreaUnit, "The unit wanted · 单位", AreaUnit.MU)
    )


@strawberry.type(
    description="One version of a rule file, adopted with its hash and its full text · 政策版本"
)
class PolicyRef(Node):
    """One version of a policy."""

    id: strawberry.ID = reads("Its name and version, as colour/wujin@2024.1 · 标识")
    kind: str = reads("What it rules, as colour · 类型")
    version: str = reads("Its version · 版本")
    sha256: str = reads("The SHA-256 of its text, in hexadecimal · 摘要")
    effective_from: Date = reads("The first day it applies to · 生效日期")
    effective_to: Date | None = reads("The last day it applies to, if there is one · 失效日期")
    body: str = reads("Its full text in TOML · 正文")
    jurisdiction: strawberry.ID = reads("Where it holds; CN is the whole country · 适用地区")
    in_force_to: Date | None = reads(
        "The last day it judges: its own, or the one before its next version's first; null until"
        " further notice · 实际施行截止"
    )
    adopted_on: FlexDate = reads("When it was adopted · 发布日期")
    retroactive: bool = reads(
        "Whether it was adopted after its first day; what was published before keeps its own"
        " policy · 是否追溯"
    )
    adoption: LazyEvent = reads("The fact of its adoption · 发布事件")


@strawberry.type(description="Days that no policy of a kind covers · 政策空档")
class PolicyGap:
    """A gap between policies."""

    from_: Date = reads("The first day · 起始日期", "from")
    to: Date = reads("The last day · 截止日期")


@strawberry.type(description="A quotient that shows its two numbers · 比率")
class Ratio:
    """A ratio."""

    numerator: Decimal = reads("What is counted · 分子")
    denominator: Decimal = reads("What it is compared with · 分母")
    percent: Decimal | None = reads(
        "The quotient in percent, rounded half up once; null over zero · 百分比",
        digits=Argument(int, "Digits after the point, 0 to 6 · 小数位数", 1, (0, 6)),
    )
    not_applicable: str | None = reads(
        "Why there is no percentage; null where there is one · 不适用原因"
    )
    policy: PolicyRef | None = reads("The rule under which it was counted, if one did · 口径依据")


@strawberry.type(description="A number before and after, in every wording · 倍数表述")
class RatioWording:
    """A change in words that cannot be mistaken."""

    from_: Decimal = reads("Before · 原值", "from")
    to: Decimal = reads("After · 现值")
    ratio: Decimal | None = reads("After over before: it became so many times · 为原来的几倍")
    increase: Decimal | None = reads("Gained over before: it grew by so many times · 提升几倍")
    pp: Decimal | None = reads("Percentage points gained, where both are percentages · 百分点")
    cut: Ratio = reads("Saved of what was before; negative where it grew · 压缩率")


@strawberry.type(description="Where a page lies in its list · 分页信息")
class PageInfo:
    """The place of a page."""

    start_cursor: str | None = reads("The cursor of the first entry · 首条游标")
    end_cursor: str | None = reads("The cursor of the last entry, to go on after · 末条游标")
    has_next_page: bool = reads("Whether entries follow · 是否有下一页")
    has_previous_page: bool = reads("Whether the page was asked for after a cursor · 是否有上一页")
