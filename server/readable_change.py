"""Write what changed about a project for people, in Chinese and in English."""

from typing import Any

import orjson
from api.enums import ChangeKind, Colour, ListClass, ListLevel, Milestone, Phase

from domain.kinds import KINDS
from domain.words import Language

_NAMED: tuple[Any, ...] = (Phase, Colour, Milestone, ListLevel, ListClass, ChangeKind)
_CHINESE = {
    "title": "名称",
    "code": "项目代码",
    "region": "行政区划",
    "park": "园区",
    "industry": "行业",
    "enterprise": "企业",
    "intendedInvestment": "意向投资（万元）",
    "totalInvestment": "总投资（万元）",
    "fixedAssetInvestment": "固定资产投资（万元）",
    "phase": "所处阶段",
    "phaseLeast": "最慢一期阶段",
    "colour": "颜色",
    "planned": "计划",
    "forecast": "预测",
    "actual": "实际",
    "phases": "分期",
    "milestones": "节点",
    "agreements": "约定",
    "listings": "清单",
    "level": "级别",
    "class": "类别",
    "annualPlan": "年度计划（万元）",
    "investment": "完成投资（万元）",
    "deviations": "违规",
    "evaluations": "后评价",
    "total": "总分",
    "grade": "等级",
    "permits": "证照",
    "issued": "核发",
    "status": "办件状态",
    "startDue": "约定开工",
    "completionDue": "约定竣工",
    "capacityDue": "约定达产",
}


def named(value: object, language: Language) -> str:
    """Name a value of the closed lists of the contract; any other stays as it is."""
    if language == "zh":
        for each in _NAMED:
            for member in each.__strawberry_definition__.values:
                if member.name == value:
                    return str(member.description).rpartition("·")[2].strip().split(",")[0]
    return str(value)


def path_in(path: str, language: Language) -> str:
    """Write the path of a value."""
    if language == "en":
        return path
    return " ".join(_CHINESE.get(part) or named(part, language) for part in path.split("."))


def value_in(value: Any, language: Language) -> str:
    """Write a value; several findings one after the other, nothing as a dash."""
    match value:
        case None:
            text = "—"
        case list():
            text = "; ".join(value_in(item, language) for item in value)
        case {"message": message}:
            text = str(message)
        case dict():
            text = orjson.dumps(value).decode()
        case _:
            text = named(value, language)
    return text


def kind_in(kind: str, language: Language) -> str:
    """Name a kind of fact."""
    known = KINDS.get(kind)
    if known is None:
        return kind
    return f"{known.chinese} {kind}" if language == "zh" else f"{known.english} ({kind})"
