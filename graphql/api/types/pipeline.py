"""Declare what is on its way: the pipeline by size, starts by quarter, signings by park."""

import strawberry

from api.declaration import reads
from api.enums import Phase
from api.scalars import Date, Decimal
from api.types.value import Money, Ratio


@strawberry.type(description="Projects of one phase and one size · 项目梯队")
class PipelineCell:
    """One cell of the pipeline."""

    phase: Phase = reads("The furthest of their phases · 阶段")
    from_yi: Decimal | None = reads(
        "The least total investment in 亿元, inclusive; null where no total is known"
        " · 总投资下限 (亿元)"
    )
    below_yi: Decimal | None = reads(
        "The bound above, exclusive; null where there is none · 总投资上限 (亿元)"
    )
    projects: int = reads("Projects · 项目数")
    total_investment: Money = reads("Their total investment · 总投资")


@strawberry.type(description="A concentrated start · 集中开工")
class Ceremony:
    """A concentrated start."""

    name: str = reads("What it is called · 名称")
    on: Date = reads("The first day of its starts · 日期")
    starts: int = reads("Projects that started in it · 开工项目数")
    total_investment: Money = reads("Their total investment · 总投资")


@strawberry.type(description="The projects that started in a period · 开工项目")
class StartCount:
    """The starts of a period."""

    period: str = reads("The period, as 2024-Q2 · 期间")
    starts: int = reads("Projects whose first start lies in it · 开工项目数")
    total_investment: Money = reads("Their total investment · 总投资")
    ceremonies: list[Ceremony] = reads("The concentrated starts among them · 集中开工")


@strawberry.type(description="What was signed for a park · 园区签约")
class ParkSignings:
    """The signings of a park."""

    park: str = reads("The park · 园区")
    projects: int = reads("Projects signed · 签约项目数")
    manufacturing: int = reads("Of them in manufacturing · 制造业项目数")
    total_investment: Money = reads("Their total investment · 总投资")


@strawberry.type(description="What was signed in some days · 签约情况")
class SigningSummary:
    """The signings of some days."""

    projects: int = reads("Projects first signed then · 签约项目数")
    total_investment: Money = reads("Their total investment · 总投资")
    manufacturing: int = reads("Of them in manufacturing · 制造业项目数")
    foreign: int = reads("Of them of foreign investors · 外资项目数")
    manufacturing_share: Ratio = reads("Manufacturing of all · 制造业占比")
    park_entry_rate: Ratio = reads("In a park, of those in manufacturing · 进园率")
    by_park: list[ParkSignings] = reads("Park by park · 分园区")
