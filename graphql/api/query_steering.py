"""Declare the questions by which a city steers: coverage, cohorts, finance, pools, rankings."""

import strawberry

from api.declaration import Argument
from api.enums import Bucket, EvaluationKind
from api.root_field import (
    COUNTED_BY,
    FILTER,
    FROM,
    LEVELS,
    POLICY,
    POLICY_KIND,
    REGIONS,
    TO,
    YEAR,
    asks,
)
from api.scalars import Date, DateTime, Decimal
from api.types.finance import FinanceSummary, PoolBalance
from api.types.incentive import IncentiveGroup
from api.types.pipeline import IdleLand, PipelineCell, SigningSummary, StartCount
from api.types.ranking import AnnualResult, Banner, Ranking
from api.types.steering import (
    CohortBuild,
    Coverage,
    Gauge,
    Lateness,
    PairPoint,
    PerMuGrade,
)
from api.types.value import PolicyGap, PolicyRef
from domain.policy import jurisdiction
from domain.regions import region_beginning
from projections.terms.named_periods import PATTERN as PERIOD

_LEAST = Argument(
    Decimal | None, "Only with at least so much total investment, in 亿元 · 总投资下限", None
)


@strawberry.type
class SteeringQuery:
    """The questions about steering, a part of all questions."""

    post_evaluation_pairs: list[PairPoint] = asks(
        "One indicator as agreed and as delivered, by the last evaluation of each project"
        " · 约定与实际对照",
        indicator=Argument(str, "The indicator, as tax_per_mu · 指标"),
        filter=FILTER,
    )
    evaluation_coverage: Coverage = asks(
        "Which projects were due for an assessment and which had it · 应评尽评",
        kind=Argument(EvaluationKind, "Which assessment · 评价类型"),
        region=REGIONS,
        policy=COUNTED_BY,
    )
    enrolment_gap: Coverage = asks(
        "Which started projects should be in the statistics and which are · 应统尽统",
        region=REGIONS,
        policy=COUNTED_BY,
    )
    finance: FinanceSummary = asks(
        "What banks paid out in a year, carried over and new · 项目融资",
        year=YEAR,
        region=REGIONS,
        policy=COUNTED_BY,
    )
    pools: list[PoolBalance] = asks(
        "What is left in the pools of scarce resources; a pool of no known region is shown"
        " wherever one asks · 指标池",
        region=REGIONS,
    )
    cohort: CohortBuild = asks(
        "What became of the new starts on the lists of a year · 建成度",
        year=YEAR,
        levels=LEVELS,
        region=REGIONS,
        policy=COUNTED_BY,
    )
    lateness: list[Lateness] = asks(
        "How late each source reports its facts · 报送时效",
        from_=Argument(DateTime, "Recorded then or later · 记录起始时间"),
        to=Argument(
            DateTime,
            "Recorded then or earlier; without a fraction the whole second · 记录截止时间",
        ),
        policy=COUNTED_BY,
    )
    ranking: Ranking = asks(
        "The ranking of districts in a period, as published or else as the facts have it"
        " · 双比双看, 龙虎榜",
        period=Argument(
            str, "The period, as 2024-Q2, 2024-H1, 2024-06 or 2024 · 期间", pattern=PERIOD
        ),
        policy=POLICY,
        region=Argument(
            list[strawberry.ID] | None,
            "The ranking that holds these districts; by default the widest · 行政区划",
            None,
            check=region_beginning,
        ),
    )
    targets: list[Gauge] = asks(
        "The targets that fall due in a year, each with what is reached · 目标仪表",
        year=YEAR,
        region=REGIONS,
    )
    policies: list[PolicyRef] = asks(
        "The versions of policies that were adopted, by kind, place and first day · 政策版本",
        kind=Argument(str | None, "Only of this kind, as colour · 类型", None),
        region=Argument(
            strawberry.ID | None,
            "Only those that hold in this district · 行政区划",
            None,
            check=jurisdiction,
        ),
        on=Argument(Date | None, "Only those in force on this day · 日期", None),
    )
    policy_gaps: list[PolicyGap] = asks(
        "The days on which no policy of a kind holds in a district · 政策空档",
        kind=POLICY_KIND,
        region=Argument(strawberry.ID, "The district · 行政区划", check=jurisdiction),
        from_=Argument(Date, "The first day · 起始日期"),
        to=Argument(Date, "The last day · 截止日期"),
    )
    banners: list[Banner] = asks(
        "The banners awarded and statements asked for in some days · 流动红旗与表态发言",
        region=REGIONS,
        from_=FROM,
        to=TO,
    )
    pipeline: list[PipelineCell] = asks(
        "Projects by phase and size · 项目梯队",
        filter=FILTER,
        bounds=Argument(
            list[Decimal] | None, "Bounds between sizes in 亿元; by default 1, 10, 100 · 分档", None
        ),
    )
    starts: list[StartCount] = asks(
        "The projects that started in some days, period by period · 开工情况",
        region=REGIONS,
        from_=FROM,
        to=TO,
        bucket=Argument(Bucket, "The length of a period · 时间粒度", Bucket.QUARTER),
        min_yi=_LEAST,
    )
    signing_summary: SigningSummary = asks(
        "What was signed in some days, from 1 亿元 on unless asked otherwise · 签约情况",
        region=REGIONS,
        from_=FROM,
        to=TO,
        min_yi=_LEAST,
    )
    per_mu_grades: list[PerMuGrade] = asks(
        "Projects graded by their yields of a year, against each other, the best first"
        " · 亩均论英雄",
        year=YEAR,
        region=REGIONS,
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
        policy=COUNTED_BY,
    )
    incentives: list[IncentiveGroup] = asks(
        "Whom packages of incentives are for: by the editions in force on the judged day, or by one"
        " of them whatever the day · 政策受惠对象",
        policy=Argument(
            strawberry.ID | None, "One edition, as incentive/zhangjiagang@2024.1 · 政策版本", None
        ),
        filter=FILTER,
    )
    annual_results: list[AnnualResult] = asks(
        "Every measure over a year, as known when its books were closed and as known now"
        " · 年度结果及变动",
        year=YEAR,
        region=REGIONS,
        policy=COUNTED_BY,
    )
    idle_land: IdleLand = asks(
        "The land that was found idle, and what became of it · 闲置土地台账",
        region=REGIONS,
        from_=FROM,
        to=TO,
    )
