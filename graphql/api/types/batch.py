"""Declare batches: what was delivered together, and what became of its rows."""

import strawberry

from api.declaration import Argument, reads
from api.scalars import JSON, DateTime


@strawberry.type(description="A row of a delivery that was not taken · 问题行")
class RowProblem:
    """A row that was rejected or is kept in the quarantine."""

    row_no: int = reads("The row in its file, or its number in the request, from 1 · 行号")
    code: str = reads("What is wrong, as a code · 问题代码")
    message: str = reads("The field at fault, and what helps · 说明")
    payload: JSON | None = reads("What the row said, without names of persons · 行内容")


@strawberry.type(
    description="What was delivered together, as a workbook or a request; rows = accepted +"
    " duplicate + corrected + superseded + quarantined + rejected · 导入批次"
)
class ImportBatch:
    """A batch of rows delivered together."""

    id: strawberry.ID = reads("The batch's id · 标识")
    source: str | None = reads(
        "The system it came from; null for a batch known only by the facts that name it · 来源系统"
    )
    received_at: DateTime | None = reads("When it was received · 接收时间")
    file_name: str | None = reads("The name of the delivered file · 文件名")
    sha256: str | None = reads("The SHA-256 of its content, once all of it came · 摘要")
    rows: int = reads("How many rows it had so far · 行数")
    accepted: int = reads("Rows that were appended · 已接收")
    duplicate: int = reads("Rows that were known already · 重复")
    corrected: int = reads("Rows that were newer versions of known records · 已更正")
    superseded: int = reads("Rows that were older than what is known · 已被取代")
    quarantined: int = reads("Rows that are kept, not appended · 已隔离")
    rejected: int = reads("Rows that were malformed or forbidden · 已拒绝")
    problems: list[RowProblem] = reads(
        "The rows that were not taken, as they were answered · 问题行",
        first=Argument(int, "At most so many, 1 to 1000 · 条数", 1000, (1, 1000)),
    )
