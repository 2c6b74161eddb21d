"""The numbers by which a city steers, each defined once: for rankings and for targets.

A measure is taken over the projects of a place in a window of days. A rate divides what was reached
by what was wanted; the others only add up. All look at what is known on the last day of the window.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Sort(StrEnum):
    """How a measure is counted."""

    RATE = "rate"
    COUNT = "count"
    MONEY = "money"
    LAND = "land"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with its names."""

    sort: Sort
    chinese: str
    english: str

    @property
    def unit(self) -> str:
        """Name the unit of the shown value; money is shown in 亿元."""
        return {"rate": "percent", "count": "count", "money": "yi_yuan", "land": "mu"}[self.sort]


MEASURES: Final[dict[str, Measure]] = {
    "start_rate": Measure(Sort.RATE, "新开工项目开工率", "started of the new projects listed"),
    "completion_rate": Measure(Sort.RATE, "年度投资完成率", "invested of the annual plans"),
    "enrolment_rate": Measure(Sort.RATE, "应统尽统率", "enrolled of the projects started"),
    "commissioning_rate": Measure(
        Sort.RATE, "竣工项目投产率", "in production of those to complete"
    ),
    "park_entry_rate": Measure(
        Sort.RATE, "制造业项目进园率", "in a park of the manufacturing projects signed"
    ),
    "manufacturing_share": Measure(
        Sort.RATE, "制造业签约占比", "manufacturing of the projects signed"
    ),
    "investment": Measure(Sort.MONEY, "完成投资", "invested by listed projects in the year"),
    "annual_plan": Measure(Sort.MONEY, "年度计划投资", "planned for listed projects in the year"),
    "signed_investment": Measure(Sort.MONEY, "签约总投资", "promised by the projects signed"),
    "signings": Measure(Sort.COUNT, "签约项目数", "projects signed"),
    "new_projects": Measure(Sort.COUNT, "新增项目数", "projects that are new"),
    "starts": Measure(Sort.COUNT, "开工项目数", "projects started"),
    "enrolments": Measure(Sort.COUNT, "入库纳统项目数", "projects enrolled in statistics"),
    "completions": Measure(Sort.COUNT, "竣工项目数", "projects accepted as complete"),
    "commissionings": Measure(Sort.COUNT, "投产项目数", "projects gone into production"),
    "continuing_projects": Measure(Sort.COUNT, "续建项目数", "listed projects carried on"),
    "provincial_projects": Measure(Sort.COUNT, "省级重大项目数", "projects on the provincial list"),
    "late_enrolments": Measure(Sort.COUNT, "未及时入统项目数", "projects started and not enrolled"),
    "land_awarded": Measure(Sort.LAND, "供应土地", "land awarded"),
    "stock_land": Measure(Sort.LAND, "盘活存量土地", "idle land resumed or returned"),
}
"""Every measure by its code."""

SPELLINGS: Final[dict[str, str]] = {
    "investment_completion": "completion_rate",
    "investment_completion_rate": "completion_rate",
    "annual_investment": "investment",
    "completed_investment": "investment",
    "new_starts": "starts",
    "new_project": "new_projects",
    "new_projects_over_1yi": "new_projects",
    "park_rate": "park_entry_rate",
    "mfg_share": "manufacturing_share",
    "stock_land_mu": "stock_land",
    "stock_land_revitalised": "stock_land",
    "开工率": "start_rate",
    "投资完成率": "completion_rate",
    "完成投资": "investment",
    "新增亿元以上项目": "new_projects",
    "进园率": "park_entry_rate",
    "制造业占比": "manufacturing_share",
    "盘活存量土地": "stock_land",
}
"""Other names under which targets ask for a measure."""


_LONGEST_FIRST: Final = sorted({*MEASURES, *SPELLINGS}, key=len, reverse=True)
_LEAST_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ _]*(?:yi|亿)")


def measure_of(name: str) -> str | None:
    """Give the code of the measure that a target names, None where the ledger has no such one.

    A name may say more than the measure, as `new_projects_over_1yi` does.
    """
    written = name.strip().lower().replace("-", "_").replace(" ", "_")
    found = next((each for each in _LONGEST_FIRST if written.startswith(each)), None)
    return found if found in MEASURES else SPELLINGS.get(found or "")


def least_yi(name: str) -> str:
    """Give the least size in 亿元 that the name of a target names, "0" if it names none."""
    size = _LEAST_SIZE.search(name.lower())
    return size[1] if size else "0"


def basis_of(*words: str) -> str:
    """Give whose figures a target means, by its words, else what is usual for each level."""
    written = " ".join(words).lower()
    if any(word in written for word in ("statistical", "列统", "入统", "统计")):
        return "statistical"
    if any(word in written for word in ("reported", "上报")):
        return "reported"
    return "by-level"
