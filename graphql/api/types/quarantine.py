"""Declare the quarantine: deliveries that were kept instead of appended, and the decisions."""

import strawberry

from api.codes import QuarantineOutcome
from api.declaration import reads
from api.scalars import JSON, DateTime
from api.types.value import PageInfo


@strawberry.type(description="A delivery that was kept instead of appended · 隔离数据")
class QuarantineEntry:
    """An entry of the quarantine."""

    number: int = reads("Its number in the quarantine · 编号")
    received_at: DateTime = reads("When it was received · 接收时间")
    type: str = reads("The kind of fact · 事件类型")
    subject: str | None = reads("Whom it is said to be about · 事件主体")
    occurred_on: str = reads("When it is said to have been true · 发生日期")
    system: str = reads("The system it came from · 来源系统")
    record_id: str = reads("Its record in that system · 记录号")
    record_version: str | None = reads("The record's version · 记录版本")
    batch_id: str | None = reads("The batch it came in · 批次")
    row_no: int | None = reads("Its row in the batch · 行号")
    payload: JSON = reads("What it says; names of persons are left out · 内容")
    code: str = reads("Why it was kept, as a code · 原因代码")
    field: str | None = reads("The field at fault · 字段")
    value: str | None = reads("The value at fault, shortened · 取值")
    cure: str | None = reads("What helps · 处理建议")
    waiting_for: str | None = reads("Whose coming releases it by itself · 等待的主体或事件")
    decision: QuarantineOutcome | None = reads(
        "released, refused or replaced; null while it is open · 处置结果"
    )
    decided_at: DateTime | None = reads("When it left the quarantine · 处置时间")
    decided_by: str | None = reads("Who decided; null if it joined by itself · 处置人")
    decision_reason: str | None = reads("Why it was decided so · 处置理由")
    event_id: strawberry.ID | None = reads("The event it became · 事件标识")


@strawberry.type(description="An entry in a connection, with its cursor · 隔离数据边")
class QuarantineEntryEdge:
    """An entry of a quarantine connection."""

    cursor: str = reads("The place of the entry, to go on after · 游标")
    node: QuarantineEntry = reads("The entry · 隔离数据")


@strawberry.type(description="A page of the quarantine · 隔离数据分页")
class QuarantineEntryConnection:
    """A page of the quarantine."""

    nodes: list[QuarantineEntry] = reads("The entries of the page, the newest first · 隔离数据")
    edges: list[QuarantineEntryEdge] = reads("The entries of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many entries there are on all pages · 总数")
