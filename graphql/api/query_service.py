"""Declare the questions about service: requests, stewards, issues, meetings, procedures."""

import strawberry

from api.declaration import Argument
from api.enums import Cadence
from api.root_field import AFTER, COUNTED_BY, FILTER, FIRST, FROM, REGIONS, TO, asks
from api.scalars import Decimal
from api.types.service import Issue, JointReview, RequestStats
from api.types.service_measures import (
    AgencyRate,
    ContactCoverage,
    DispatchLogEntry,
    IssueCount,
    ProcedureVersion,
    RequestCaseConnection,
    ReviewSeries,
    StewardLoad,
)
from api.types.value import RatioWording


@strawberry.type
class ServiceQuery:
    """The questions about service, a part of all questions."""

    requests: RequestStats = asks(
        "The requests of enterprises received in some days · 企业诉求",
        region=REGIONS,
        from_=FROM,
        to=TO,
        policy=COUNTED_BY,
    )
    request_cases: RequestCaseConnection = asks(
        "The requests received in some days one by one, oldest first · 企业诉求明细",
        region=REGIONS,
        from_=FROM,
        to=TO,
        subject=Argument(
            strawberry.ID | None, "Only of this project or enterprise, as project/<id> · 对象", None
        ),
        category=Argument(str | None, "Only of this category, as help · 类别", None),
        open=Argument(bool | None, "Only open ones, or only closed ones · 是否未办结", None),
        late=Argument(
            bool | None, "Only those late or overdue, or only those in time · 是否超期", None
        ),
        first=FIRST,
        after=AFTER,
        policy=COUNTED_BY,
    )
    steward_load: list[StewardLoad] = asks(
        "How many projects and enterprises each steward looks after · 管家负荷",
        region=REGIONS,
        first=Argument(int, "At most so many, 1 to 1000 · 条数", 200, (1, 1000)),
    )
    contact_coverage: ContactCoverage = asks(
        "Which projects and enterprises have a steward · 挂钩联系覆盖", region=REGIONS
    )
    agency_rate: AgencyRate = asks(
        "How much is run by agents, of the permit cases first reported in some days · 帮办代办率",
        region=REGIONS,
        from_=FROM,
        to=TO,
    )
    issues: list[Issue] = asks(
        "What holds projects up, oldest first · 堵点问题",
        open=Argument(bool | None, "Only open ones, or only resolved ones · 是否未销号", None),
        category=Argument(str | None, "Only of this category, as land · 类别", None),
        filter=FILTER,
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )
    issue_mix: list[IssueCount] = asks(
        "The issues raised in some days, by category, most first · 问题分类",
        filter=FILTER,
        from_=FROM,
        to=TO,
    )
    reviews: list[JointReview] = asks(
        "The joint reviews held in some days, oldest first · 联审会办",
        region=REGIONS,
        from_=FROM,
        to=TO,
        level=Argument(str | None, "Only of this level, as city · 层级", None),
    )
    review_calendar: list[ReviewSeries] = asks(
        "Whether meetings were held as often as the policy wants · 例会执行",
        region=REGIONS,
        from_=FROM,
        to=TO,
        policy=COUNTED_BY,
    )
    dispatch_log: list[DispatchLogEntry] = asks(
        "Visits and meetings, period by period · 调度日志",
        region=REGIONS,
        from_=FROM,
        to=TO,
        every=Argument(Cadence, "The length of a period · 周期", Cadence.WEEKLY),
    )
    procedures: list[ProcedureVersion] = asks(
        "What formalities take, version by version, against the version before · 办事流程",
        region=REGIONS,
    )
    wording: RatioWording = asks(
        "Two numbers in every wording of their change · 倍数表述",
        from_=Argument(Decimal, "Before · 原值"),
        to=Argument(Decimal, "After · 现值"),
        in_percent=Argument(bool, "Whether both are percentages · 是否百分数", default=False),
    )
