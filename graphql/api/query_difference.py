"""Declare the questions about what is different between two pairs of clocks."""

import strawberry

from api.declaration import Argument, reads
from api.enums import ChangedField
from api.inputs import AsOf
from api.root_field import AFTER, AT_LEAST, FILTER, FIRST
from api.types.difference import ProjectDiff, ProjectDiffConnection

BEFORE = Argument(AsOf, "The first pair of clocks · 比较起点")
LATER = Argument(AsOf, "The second pair of clocks · 比较终点")
FIELDS = Argument(
    list[ChangedField] | None,
    "What to compare; by default all but permits, monthly investment, the colours of nodes and"
    " broken rules · 比较内容",
    None,
)


@strawberry.type
class DifferenceQuery:
    """The questions about differences, a part of all questions."""

    diff: list[ProjectDiff] = reads(
        "What is different about projects between two pairs of clocks, and which events made it so;"
        " those that appeared or vanished are among them. The filter is passed at either of them"
        " · 变动比较",
        filter=FILTER,
        from_=BEFORE,
        to=LATER,
        fields=FIELDS,
        first=Argument(
            int | None,
            "At most so many projects, 1 to 10,000; by default all · 条数",
            None,
            (1, 10_000),
        ),
        after=Argument(
            strawberry.ID | None, "Go on after the project with this id · 起始项目", None
        ),
        at_least=AT_LEAST,
    )
    diffs: ProjectDiffConnection = reads(
        "The same, page by page, with the number of projects that differ · 变动比较分页",
        filter=FILTER,
        from_=BEFORE,
        to=LATER,
        fields=FIELDS,
        first=FIRST,
        after=AFTER,
        at_least=AT_LEAST,
    )
