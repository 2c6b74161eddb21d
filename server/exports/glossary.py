"""Say what codes mean that facts and questions use, for people who read tables."""

from collections.abc import Mapping
from typing import Any, Final

from api.column import Column
from api.enums import Milestone
from strawberry.types.enum import StrawberryEnumDefinition

from domain.district_names import NAMES
from domain.words import Words


def _definition(enum: Any) -> StrawberryEnumDefinition:
    """Give what an enumeration of the contract says of its values."""
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__
    return definition


_PERMITS: Final = {
    "land_use_planning_permit": Words("用地规划许可证", "Land-use planning permit"),
    "real_estate_title": Words("不动产权证书", "Real-estate title"),
    "works_planning_permit": Words("工程规划许可证", "Works planning permit"),
    "drawing_review_certificate": Words("施工图审查合格书", "Drawing review certificate"),
    "construction_permit": Words("施工许可证", "Construction permit"),
}
MILESTONES: Final[Mapping[str, str]] = {
    str(value.value): value.description or "" for value in _definition(Milestone).values
}
"""What each node of a life is called in Chinese, as the contract says it."""
_STEPS: Final = {
    "submitted": Words("申报", "Submitted"),
    "passed": Words("准入通过", "Passed"),
    "admitted": Words("准入", "Admitted"),
    "listed": Words("列入清单", "Listed"),
    "lead": Words("线索", "Lead"),
    "signing": Words("签约洽谈", "Signing"),
    "landing": Words("落地审批", "Landing"),
    "filed": Words("备案", "Filed"),
    "land": Words("供地", "Land supplied"),
    "permits": Words("证照齐备", "Permits complete"),
    "started": Words("开工", "Started"),
    "construction": Words("开工建设", "Construction"),
    "commissioning": Words("竣工投产", "Commissioning"),
    "commissioned": Words("投产", "Commissioned"),
    "capacity": Words("达产达效", "Capacity"),
    "closed": Words("办结", "Closed"),
    "suspended": Words("缓建", "Suspended"),
    "withdrawn": Words("撤回", "Withdrawn"),
    "terminated": Words("终止", "Terminated"),
}
_LEVELS: Final = {
    "provincial": Words("省级", "Provincial"),
    "prefecture": Words("设区市级", "Prefecture"),
    "municipal": Words("市级", "Municipal"),
    "district": Words("区级", "District"),
    "new": Words("计划新开工", "New"),
    "continuing": Words("续建", "Continuing"),
    "completing": Words("计划竣工", "Completing"),
    "reserve": Words("储备", "Reserve"),
}
_CATEGORIES: Final = {
    "land": Words("用地", "Land"),
    "environment": Words("环评", "Environment"),
    "finance": Words("资金", "Finance"),
    "energy": Words("能评", "Energy"),
    "permit": Words("审批", "Permit"),
    "power": Words("供电", "Power"),
    "labour": Words("用工", "Labour"),
    "other": Words("其他", "Other"),
}
_SEVERITIES: Final = {
    "low": Words("一般", "Low"),
    "medium": Words("较重", "Medium"),
    "high": Words("严重", "High"),
}
_CODES: Final[Mapping[tuple[str, str], Mapping[str, Words]]] = {
    ("FunnelStep", "phase"): _STEPS,
    ("PipelineCell", "phase"): _STEPS,
    ("Project", "phase"): _STEPS,
    ("Project", "phaseLeast"): _STEPS,
    ("PlanActual", "key"): _LEVELS,
    ("Listing", "level"): _LEVELS,
    ("Listing", "class"): _LEVELS,
    ("Issue", "category"): _CATEGORIES,
    ("IssueCount", "category"): _CATEGORIES,
    ("Issue", "severity"): _SEVERITIES,
    ("PermitState", "kind"): _PERMITS,
}
"""What the codes of a field mean, by the type that holds it and its name."""


_DISTRICTS: Final = frozenset(
    {
        ("Project", "region"),
        ("BoardCell", "region"),
        ("RankingRow", "region"),
        ("PlanActual", "key"),
    }
)
"""Fields that hold codes of districts."""


def permit_name(kind: str) -> str:
    """Call a kind of permit in Chinese; a city's own by its code."""
    known = _PERMITS.get(kind)
    return kind if known is None else known.zh


def said(column: Column, value: str) -> Words | None:
    """Give the words for a code; None where there are none of ours."""
    if not column.steps:
        return None
    last = column.steps[-1]
    if (last.holder, last.name) in _DISTRICTS and value in NAMES:
        return Words(f"{NAMES[value]} {value}", value)
    return _CODES.get((last.holder, last.name), {}).get(value.lower())
