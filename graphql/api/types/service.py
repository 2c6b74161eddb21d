"""Declare the service given to projects and enterprises: requests, stewards, issues, meetings."""

import strawberry

from api.declaration import reads
from api.scalars import Decimal
from api.types.value import Ratio


@strawberry.type(description="How many requests there are of one sort · 分类计数")
class CategoryCount:
    """Requests of one category or channel."""

    key: str = reads("The category or channel · 类别")
    count: int = reads("Requests received · 受理数")
    resolved: int = reads("Of them solved · 解决数")


@strawberry.type(description="The requests of enterprises in one card · 企业诉求办理")
class RequestStats:
    """Requests received in a span of days, and what became of them by the judged day."""

    received: int = reads("Requests received · 受理数")
    dispatched: int = reads("Of them handed to a department · 派单数")
    answered: int = reads("Of them answered at least once · 答复数")
    closed: int = reads("Of them closed: the last answer was not reopened · 办结数")
    resolved: int = reads("Of them solved, as far as the enterprise says · 解决数")
    reopened: int = reads("Of them reopened at least once · 重办数")
    not_yet_due: int = reads("Open ones whose time is not up · 未到期数")
    due_unknown: int = reads(
        "Those whose last day lies beyond the published calendar of working days · 期限未知数"
    )
    resolution_rate: Ratio = reads("Solved, against what the policy says · 解决率")
    resolution_of_due: Ratio = reads("Solved of those closed or due · 应办解决率")
    resolution_of_received: Ratio = reads("Solved of all received · 受理解决率")
    on_time_rate: Ratio = reads(
        "Closed in time, of those closed or overdue whose dates can tell · 按时办结率"
    )
    satisfaction: Ratio = reads("Satisfied, of those who said yes or no · 满意率")
    follow_up_rate: Ratio = reads("Followed up, of those answered · 回访率")
    follow_up_met: bool | None = reads(
        "Whether that reaches the share the policy wants; null without answers or policy · 回访达标"
    )
    median_hours: Decimal | None = reads(
        "Median hours from first receipt to last closing · 办结时长中位数 (小时)"
    )
    excluded_for_precision: int = reads(
        "Closed ones left out of the median, since a time of day is missing · 因精度剔除数"
    )
    dispatch_accuracy: Ratio = reads(
        "Handed to one department only, of those dispatched · 派单准确率"
    )
    dispatch_on_time_rate: Ratio = reads(
        "Handed over within the hours the policy allows, of those it has hours for · 按时派单率"
    )
    median_dispatch_hours: Decimal | None = reads(
        "Median hours from first receipt to first dispatch · 派单时长中位数 (小时)"
    )
    site_visits: int = reads("Visits on the spot in the same days · 现场办公次数")
    by_category: list[CategoryCount] = reads("By category, most first · 按类别")
    by_channel: list[CategoryCount] = reads("By channel, most first · 按渠道")
