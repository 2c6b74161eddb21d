"""Declare the clocks that run against projects, and the land they run on."""

import strawberry

from api.declaration import reads, replaced
from api.enums import AlarmKind, Colour, ParcelState
from api.scalars import Date, FlexDate
from api.types.event import Event
from api.types.judgement import LazyProject
from api.types.value import Area


@strawberry.type(description="A statutory clock that runs against a project · 法定期限提醒")
class Alarm:
    """An alarm."""

    project: LazyProject = reads("The project · 项目")
    kind: AlarmKind = reads("What runs out · 类型")
    subject: strawberry.ID = reads("The certificate, document or plot · 证照、文件或地块")
    phase_id: strawberry.ID | None = reads("The phase, if one was named · 分期")
    on: Date = reads("The last good day · 到期日")
    passed: bool = reads("Whether that day is over · 是否已过期")
    days_left: int = reads("Days until then, negative once it is over · 剩余天数")
    message: str = reads("What happens then, in a sentence · 说明")
    cause: Event = reads("The fact that set the clock last · 依据")


@strawberry.type(description="A plot of land and where it stands · 地块")
class Parcel:
    """A plot."""

    id: strawberry.ID = reads("Its number · 地块编号")
    state: ParcelState = reads("Where it stands · 状态")
    area: Area | None = reads("Its area as last stated · 面积")
    project: LazyProject | None = reads("The project that holds it or held it last · 项目")
    offered_on: FlexDate | None = reads("When it was last offered · 挂牌日期")
    awarded_on: FlexDate | None = reads("When it was last awarded · 摘牌日期")
    start_due: FlexDate | None = reads("When works must begin by contract · 约定开工日期")
    standard_land: bool = reads("Whether it was offered with indicators · 是否标准地")
    was_idle: bool = reads("Whether it ever was idle or taken back · 是否曾闲置或收回")
    turns: list[Event] = reads("What happened to it · 相关事件")


@strawberry.type(description="How much land is where · 土地台账")
class LandLedger:
    """Land by where it stands."""

    parcels: int = reads("How many plots there are · 地块数")
    offered: Area = reads("Offered and not awarded · 批而未供")
    supplied: Area = reads("Awarded and not built on · 供而未用")
    idle: Area = reads("Awarded and declared idle · 闲置")
    in_use: Area = reads("Built on · 已用")
    recovered: Area = reads("Taken or given back, free again · 收回存量")
    revitalised: Area = reads("In use again after it was idle or taken back · 盘活")


@strawberry.type(description="A colour that people decided to show for a time · 人工改色")
class ColourOverride:
    """An override."""

    colour: str = replaced("The colour shown, in lower case · 颜色", "shown")
    shown: Colour = reads("The colour shown · 颜色")
    until: FlexDate = reads("The last day it is shown · 截止日期")
    approved_by: str = reads("Who approved it · 批准单位")
    cause: Event = reads("The decision, with its reason · 依据")
