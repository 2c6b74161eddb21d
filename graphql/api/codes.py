"""Name the closed lists of codes that facts are written with, and that are answered as written.

A member is called like the code, in lower case, so that answers are the strings they always were.
"""

from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(description="How grave what was found is · 严重程度")
class Severity(Enum):
    """Severities."""

    info = enum_value("info", description="Worth knowing · 提示")
    deviation = enum_value("deviation", description="Out of the ordinary · 偏差")
    violation = enum_value("violation", description="Against a rule · 违规")


@strawberry.enum(description="Which way is better · 指标方向")
class Direction(Enum):
    """Directions of indicators."""

    higher = enum_value("higher", description="The more, the better · 越高越好")
    lower = enum_value("lower", description="The less, the better · 越低越好")
    range = enum_value("range", description="Within two bounds · 区间")


@strawberry.enum(description="How precise a date is · 日期精度")
class DatePrecision(Enum):
    """Precisions of dates."""

    day = enum_value("day", description="日")
    month = enum_value("month", description="月")
    quarter = enum_value("quarter", description="季度")
    half = enum_value("half", description="Half a year · 半年")
    year = enum_value("year", description="年")


@strawberry.enum(description="Whether a loan goes on from an earlier year · 结转或新增")
class LoanClass(Enum):
    """Classes of loans."""

    carried = enum_value("carried", description="Carried over · 结转")
    new = enum_value("new", description="新增")


@strawberry.enum(description="The part of the works that a permit covers · 施工阶段")
class PermitStage(Enum):
    """Stages of construction permits."""

    piling = enum_value("piling", description="桩基")
    basement = enum_value("basement", description="地下室")
    superstructure = enum_value("superstructure", description="上部结构")
    whole = enum_value("whole", description="All of it · 整体")


@strawberry.enum(description="How a certificate became void · 失效方式")
class VoidCause(Enum):
    """Ways for a certificate to become void."""

    lapsed = enum_value("lapsed", description="By itself · 自行废止")
    withdrawn = enum_value("withdrawn", description="撤回")
    revoked = enum_value("revoked", description="撤销")


@strawberry.enum(description="What a pool holds, with its unit · 指标种类")
class PoolResource(Enum):
    """Resources of pools."""

    energy_tce = enum_value("energy_tce", description="Energy, t of coal equivalent · 用能权")
    cod_t = enum_value("cod_t", description="Chemical oxygen demand, t · 化学需氧量")
    nh3n_t = enum_value("nh3n_t", description="Ammonia nitrogen, t · 氨氮")
    nox_t = enum_value("nox_t", description="Nitrogen oxides, t · 氮氧化物")
    so2_t = enum_value("so2_t", description="Sulphur dioxide, t · 二氧化硫")
    voc_t = enum_value("voc_t", description="Volatile organic compounds, t · 挥发性有机物")
    tp_t = enum_value("tp_t", description="Phosphorus, t · 总磷")
    tn_t = enum_value("tn_t", description="Nitrogen, t · 总氮")
    water_10k_m3 = enum_value("water_10k_m3", description="Water, 10,000 m³ · 用水指标")
    land_quota_mu = enum_value("land_quota_mu", description="The province's land quota · 点供")


@strawberry.enum(description="What counts as built out · 建成口径")
class BuiltOutMetric(Enum):
    """Metrics of the built-out rate."""

    commissioned = enum_value("commissioned", description="Commissioned projects · 投产数")
    accepted = enum_value("accepted", description="Accepted projects · 竣工数")
    investment = enum_value("investment", description="Investment made · 完成投资")


@strawberry.enum(description="Why a project is not graded · 不参评原因")
class Exemption(Enum):
    """Reasons not to grade a project."""

    industry = enum_value("industry", description="Of an industry that the policy exempts · 行业")
    young = enum_value("young", description="Not long enough in operation · 投产未满期")


@strawberry.enum(description="What the last answer to a request says · 办理结果")
class RequestOutcome(Enum):
    """Outcomes of requests."""

    resolved = enum_value("resolved", description="解决")
    explained = enum_value("explained", description="Explained why not · 解释说明")
    planned = enum_value("planned", description="To be done later · 列入计划")
    rejected = enum_value("rejected", description="不予受理")


@strawberry.enum(description="What became of a fact that was held back · 处置结果")
class QuarantineOutcome(Enum):
    """Ends of a stay in the quarantine."""

    released = enum_value("released", description="Taken in · 放行")
    refused = enum_value("refused", description="退回")
    replaced = enum_value("replaced", description="Taken in as corrected · 更正后放行")
    kept = enum_value("kept", description="Still held back · 留置")
