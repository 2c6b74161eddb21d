"""Declare root fields: what every question has in common."""

from typing import Any

import strawberry

from api.declaration import Argument, reads
from api.enums import ListLevel
from api.inputs import AsOf, ProjectFilter
from api.scalars import Date
from domain.kinds import kind_of
from domain.regions import region_beginning

FILTER = Argument(ProjectFilter | None, "Which projects · 项目筛选", None)
REGIONS = Argument(
    list[strawberry.ID] | None,
    "Only these districts, by code or its beginning · 行政区划",
    None,
    check=region_beginning,
)
LEVELS = Argument(list[ListLevel] | None, "Only lists of these levels · 清单级别", None)
YEAR = Argument(int, "The year · 年度", between=(1900, 2200))
POLICY = Argument(
    strawberry.ID | None, "Judge by this policy, as colour/wujin@2024.1, instead · 改用政策", None
)
COUNTED_BY = Argument(
    strawberry.ID | None,
    "Count by this policy where one of its kind decides, as listing/default@1, instead · 改用政策",
    None,
)
KINDS = Argument(list[str] | None, "Only these kinds · 事件类型", None, check=kind_of)
POLICY_KIND = Argument(str, "What it rules, as colour · 类型")
FROM = Argument(Date, "The first day · 起始日期")
TO = Argument(Date, "The last day · 截止日期")
FIRST = Argument(int, "How many, 1 to 200 · 条数", 50, (1, 200))
AFTER = Argument(str | None, "Go on after this cursor · 游标", None)
AT_LEAST = Argument(
    int | None,
    "Wait until the read models have reached this position of the ledger · 等待序号",
    None,
    (0, 2**31 - 1),
)


def asks(description: str, **arguments: Argument) -> Any:
    """Declare a root field, with the two clocks and the position to wait for."""
    return reads(
        description,
        **arguments,
        as_of=Argument(AsOf | None, "The two clocks · 双时间轴", None),
        at_least=AT_LEAST,
    )
