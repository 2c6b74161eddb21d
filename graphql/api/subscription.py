"""Declare what can be followed."""

import strawberry

from api.declaration import Argument, reads
from api.root_field import KINDS
from api.types.event import Event
from domain.regions import region_beginning

_SINCE = Argument(
    int | None,
    "Begin after this position; by default with what is recorded from now on · 起始序号",
    None,
    (0, 2**31 - 1),
)


@strawberry.type(description="What can be followed · 订阅")
class Subscription:
    """What can be followed."""

    events: Event = reads(
        "Every fact in the order it was recorded, none left out and none twice; go on after the"
        " position of the last one · 事件流",
        after=_SINCE,
        types=KINDS,
        stream=Argument(strawberry.ID | None, "Only of this stream or project · 事件流", None),
        source=Argument(str | None, "Only from this system · 来源系统", None),
        region=Argument(
            list[strawberry.ID] | None,
            "Only of projects in these districts, by code or its beginning · 行政区划",
            None,
            check=region_beginning,
        ),
    )
    position: int = reads(
        "How far the read models are, each time they have moved · 总序号", after=_SINCE
    )
