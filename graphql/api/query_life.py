"""Declare the questions about land and statutory clocks."""

import strawberry

from api.declaration import Argument
from api.enums import AlarmKind, ParcelState
from api.root_field import FILTER, asks
from api.types.clock import Alarm, LandLedger, Parcel


@strawberry.type
class LifeQuery:
    """The questions about land and clocks, a part of all questions."""

    alarms: list[Alarm] = asks(
        "Statutory clocks that have run out or soon will, of projects not started · 法定期限提醒",
        filter=FILTER,
        kinds=Argument(list[AlarmKind] | None, "Only these · 类型", None),
        within_days=Argument(
            int, "Those that end within so many days, 0 for those over · 天数", 90, (0, 10_000)
        ),
    )
    parcels: list[Parcel] = asks(
        "Plots and where they stand, by number · 地块",
        filter=FILTER,
        states=Argument(list[ParcelState] | None, "Only in these states · 状态", None),
        first=Argument(int, "At most so many, 1 to 10,000 · 条数", 1000, (1, 10_000)),
    )
    land_ledger: LandLedger = asks("How much land is where · 土地台账", filter=FILTER)
