"""Declare what is on its way: the pipeline by size, starts by quarter, signings by park."""

import strawberry

from api.declaration import Argument, reads, replaced
from api.enums import LandDecision, Phase
from api.scalars import Date, Decimal, FlexDate
from api.types.clock import Alarm
from api.types.event import Event
from api.types.project import Project
from api.types.value import Area, Money, Ratio


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


@strawberry.type(description="A parcel that was found idle · 闲置地块")
class IdleParcel:
    """A parcel in the ledger of idle land."""

    parcel: strawberry.ID = reads("The parcel · 地块")
    project: Project = reads("Whose it was · 项目")
    area: Area = reads("How much of it · 面积")
    act: str = replaced("What was last decided, as idle-declared · 处置", "decided")
    decided: LandDecision = reads("What was last decided · 处置")
    on: FlexDate = reads("When · 日期")
    decision: Event = reads("The fact · 事件")


@strawberry.type(description="The ledger of idle land · 闲置土地台账")
class IdleLand:
    """Idle land in mu."""

    declared: Area = reads("Declared idle in the days · 认定闲置")
    charged: Area = reads("Charged for lying idle in the days · 征缴闲置费")
    resumed: Area = reads("Taken back in the days · 收回")
    returned: Area = reads("Given back in the days · 退还")
    idle: Area = reads("Declared, and still idle on the judged day · 仍闲置")
    undeclared: Area = reads("Idle by the rules on the judged day, and not declared · 应认定未认定")
    undeclared_clocks: list[Alarm] = reads(
        "Why each such plot is idle, the longest ago first · 应认定未认定的地块",
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )
    parcels: list[IdleParcel] = reads(
        "Every parcel with what was last decided about it, oldest first · 地块",
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )
