"""Why a node or a project has its colour, told to people."""

from enum import StrEnum

from domain.words import Words


class Reason(StrEnum):
    """What decided a colour."""

    NO_POLICY = "no_policy"
    NO_PLAN = "no_plan"
    SUSPENDED = "suspended"
    ENDED = "ended"
    CALENDAR_UNKNOWN = "calendar_unknown"
    DONE_IN_TIME = "done_in_time"
    DONE_LATE = "done_late"
    KEPT_RED = "kept_red"
    ON_TRACK = "on_track"
    WARNING = "warning"
    IN_GRACE = "in_grace"
    OVERDUE = "overdue"


EXPLANATIONS: dict[Reason, Words] = {
    Reason.NO_POLICY: Words(
        "当日没有适用的颜色政策，不作判断",
        "not judged: no colour policy covers this day",
    ),
    Reason.NO_PLAN: Words("没有计划日期", "no planned date"),
    Reason.SUSPENDED: Words("已缓建或停工，暂不判断", "not judged: suspended"),
    Reason.ENDED: Words("项目已撤回或终止，不再判断", "not judged: withdrawn or terminated"),
    Reason.CALENDAR_UNKNOWN: Words(
        "该年份节假日安排尚未公布，无法按工作日判断",
        "not judged: the working days of that year are not published",
    ),
    Reason.DONE_IN_TIME: Words(
        "计划{planned}，实际{actual}按期完成", "planned {planned}, done in time on {actual}"
    ),
    Reason.DONE_LATE: Words(
        "计划{planned}，实际{actual}完成，晚{days}天",
        "planned {planned}, done on {actual}, days late: {days}",
    ),
    Reason.KEPT_RED: Words(
        "计划{planned}，实际{actual}完成，晚{days}天，下一节点完成前保持红灯",
        "planned {planned}, done on {actual}, days late: {days}; red until the next node is done",
    ),
    Reason.ON_TRACK: Words(
        "计划{planned}，{warned}起预警", "planned {planned}, warning from {warned}"
    ),
    Reason.WARNING: Words(
        "计划{planned}，尚未完成，{warned}起进入预警期",
        "planned {planned}, not done, in the warning window since {warned}",
    ),
    Reason.IN_GRACE: Words(
        "计划{planned}，到期后已过{days}天，宽限至{deadline}",
        "planned {planned}, days past the day it was due: {days}, tolerated until {deadline}",
    ),
    Reason.OVERDUE: Words(
        "计划{planned}，已逾期{days}天", "planned {planned}, days overdue: {days}"
    ),
}
"""Places: `{planned}` and `{actual}` are the texts of the dates, `{warned}` and `{deadline}` ISO
days, `{days}` is `days_late`."""
