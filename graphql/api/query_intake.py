"""Declare the questions about deliveries: batches and the quarantine."""

import strawberry

from api.declaration import Argument
from api.root_field import AFTER, FIRST, asks
from api.types.batch import ImportBatch
from api.types.quarantine import QuarantineEntry, QuarantineEntryConnection


@strawberry.type
class IntakeQuery:
    """The questions about deliveries, a part of all questions."""

    batch: ImportBatch | None = asks(
        "What became of one delivery, row by row; the two clocks do not matter here · 导入批次",
        id=Argument(strawberry.ID, "Its id, as Ledger-Batch said or batch_id · 标识"),
    )
    quarantine: QuarantineEntryConnection = asks(
        "Deliveries that were kept instead of appended, the newest first; the two clocks do not"
        " matter here · 隔离数据",
        decided=Argument(bool, "Also what has left the quarantine · 包括已处置的", default=False),
        source=Argument(str | None, "Only from this system · 来源系统", None),
        code=Argument(str | None, "Only for this reason, as unknown_project · 原因代码", None),
        batch=Argument(strawberry.ID | None, "Only of this batch · 批次", None),
        first=FIRST,
        after=AFTER,
    )
    quarantined: QuarantineEntry | None = asks(
        "One entry of the quarantine · 单条隔离数据",
        number=Argument(int, "Its number · 编号", between=(0, 2**31 - 1)),
    )
