"""Declare whom packages of incentives are for."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.declaration import Argument, reads
from api.types.value import PolicyRef

if TYPE_CHECKING:
    from api.types.project import Project

LazyProject = Annotated["Project", strawberry.lazy("api.types.project")]


@strawberry.type(description="A group that a package of incentives is for · 政策受惠对象")
class IncentiveGroup:
    """A group of beneficiaries."""

    policy: PolicyRef = reads("The edition of the package · 政策版本")
    name: str = reads("What the group is called · 受惠对象")
    measures: list[str] = reads("What the package offers, in words · 政策措施")
    count: int = reads("How many projects belong to it · 项目数")
    projects: list[LazyProject] = reads(
        "The projects that belong to it · 项目",
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )
