"""What a package of incentives may say about whom it is for (政企双通道), edition by edition.

The plain form, which read models store, is::

    {"name": "政企双通道", "measures": ["五证齐发"],
     "beneficiary": [{"name": "省级重大项目", "levels": ["provincial"], "lists": [],
                      "classes": [], "industries": [], "is_foreign": null,
                      "total_yi_min": null}]}
"""

from collections import Counter
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.list_level import ListLevel
from domain.policy_section import Exact, Section, Table

ListClass = Literal["new", "continuing", "completing", "reserve"]


class Beneficiary(Table):
    """A group of projects that a package is for: those that meet all that is said.

    `levels`, `classes` and `lists` are about one entry on a list of the judged year; a `*` in the
    id of a list stands for anything. `industries` are codes of GB/T 4754 of any width. What is not
    known of a project does not meet anything.
    """

    name: str = Field(min_length=1)
    levels: list[ListLevel] = Field(default_factory=list)
    lists: list[str] = Field(default_factory=list)
    classes: list[ListClass] = Field(default_factory=list)
    industries: list[str] = Field(default_factory=list)
    is_foreign: bool | None = None
    total_yi_min: Exact | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"name"}:
            message = (
                f"say whom {self.name} is, by levels, lists, classes, industries, size or owner"
            )
            raise ValueError(message)
        return self


class IncentiveRules(Section):
    """Whom a package of incentives is for, and what it offers, in words.

    Packages of different names stand beside each other. A file that names no beneficiary is kept
    as a text and judges nothing.
    """

    kind: ClassVar[str] = "incentive"

    name: str = Field(min_length=1)
    measures: list[str] = Field(default_factory=list)
    beneficiary: list[Beneficiary] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name, times in Counter(each.name for each in self.beneficiary).items():
            if times > 1:
                message = f"{name} is named {times} times"
                raise ValueError(message)
        return self
