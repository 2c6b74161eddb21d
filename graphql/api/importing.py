"""Take in, by mutation, a register whose rows another program has read."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from api.desk import caller
from api.errors import BadInput
from api.scalars import JSON
from intake.identifiers import new_identifier
from intake.preview import Preview
from intake.receipt_book import ReceiptBook
from intake.registers.file import register_of
from intake.registers.library import mapping as mapping_named
from intake.registers.register import Run, Sender
from intake.registers.report import Report

LARGEST_NUMBER = 1_048_576
"""The last row of any workbook."""


@strawberry.input(description="A row of a register, as another program read it · 台账行")
class RowInput:
    """A row of a register."""

    row_no: int = strawberry.field(description="Its number in the file · 行号")
    payload: JSON = strawberry.field(description="Its cells by the titles of their columns · 内容")


@strawberry.type(description="What is wrong with one cell of a register · 问题单元格")
class ImportProblem:
    """What is wrong with one cell."""

    row_no: int = strawberry.field(description="The row in its file · 行号")
    column: str | None = strawberry.field(description="The title of the column · 列名")
    code: str = strawberry.field(description="What is wrong, as a code · 问题代码")
    value: str | None = strawberry.field(description="The value at fault, shortened · 取值")
    message: str = strawberry.field(description="What helps · 处理建议")


@strawberry.type(
    description="What became, or would become, of an imported register; rows = accepted +"
    " duplicate + corrected + superseded + quarantined + rejected · 导入结果"
)
class ImportReport:
    """What became of an imported register."""

    id: strawberry.ID | None = strawberry.field(description="Its batch; null for a dry run · 批次")
    source: str = strawberry.field(description="The system it came from · 来源系统")
    file_name: str = strawberry.field(description="The name of the file · 文件名")
    sha256: str = strawberry.field(description="The SHA-256 of the file · 摘要")
    dry_run: bool = strawberry.field(description="Whether nothing was taken in · 是否试算")
    rows: int = strawberry.field(description="Rows that tell something · 行数")
    accepted: int = strawberry.field(description="Rows appended · 已接收")
    duplicate: int = strawberry.field(description="Rows known already · 重复")
    corrected: int = strawberry.field(description="Newer versions of known rows · 已更正")
    superseded: int = strawberry.field(description="Older than what is known · 已被取代")
    quarantined: int = strawberry.field(description="Kept, not appended · 已隔离")
    rejected: int = strawberry.field(description="Malformed or forbidden · 已拒绝")
    problems: list[ImportProblem] = strawberry.field(
        description="The faulty cells, at most about a thousand · 问题"
    )


def _argument(description: str) -> Any:
    return strawberry.argument(description=description)


async def import_ledger(
    info: strawberry.Info,
    *,
    source: Annotated[str, _argument("The system it comes from · 来源系统")],
    file_name: Annotated[str, _argument("The name of the file · 文件名")],
    sha256: Annotated[str, _argument("The SHA-256 of the file; known again by it · 摘要")],
    mapping: Annotated[strawberry.ID, _argument("A ready mapping, as project-list · 列映射")],
    rows: Annotated[list[RowInput], _argument("The rows, in their order · 行")],
    dry_run: Annotated[bool, _argument("Only say what would become of it · 试算")] = False,
    year: Annotated[int | None, _argument("The year of dates without one · 年度")] = None,
    month: Annotated[str | None, _argument("The month reported, as 2024-06 · 月份")] = None,
) -> ImportReport:
    """Take a register in, or only say what would become of it."""
    writer, grant = await caller(info)
    register = replace(mapping_named(mapping), system=source)
    opening = register_of(
        [_row(row) for row in rows],
        register,
        {"year": year, "month": month},
        name=file_name,
        sha256=sha256,
    )
    report = Report(register.name, file_name, dry_run)
    pool = writer.intake.pool
    if dry_run:
        run = Run(register, opening, Preview(pool, grant), report)
    else:
        report.batch_id = new_identifier()
        run = Run(
            register,
            opening,
            Sender(writer.intake, pool, grant, report.batch_id),
            report,
            book=ReceiptBook(pool),
            actor=grant.actor.id,
        )
    return _told(info, await run.all(), source)


def _row(row: RowInput) -> tuple[int, dict[str, Any]]:
    """Read a row. Raises BadInput."""
    if not isinstance(row.payload, dict) or not 1 < row.row_no <= LARGEST_NUMBER:
        message = "A row has a number from 2 on, after the header, and its cells by their titles."
        raise BadInput(message)
    return row.row_no, row.payload


def _told(info: strawberry.Info, report: Report, source: str) -> ImportReport:
    """Answer with the report."""
    if report.position:
        info.context.position = report.position
    said = report.as_json()
    names = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")
    return ImportReport(
        id=None if report.batch_id is None else strawberry.ID(report.batch_id),
        source=source,
        file_name=report.file_name,
        sha256=report.sha256,
        dry_run=report.dry_run,
        rows=report.rows,
        **{name: said[name] for name in names},
        problems=[
            ImportProblem(
                row_no=problem["row_no"],
                column=problem["column"],
                code=problem["code"],
                value=problem["value"],
                message=problem["cure"],
            )
            for problem in report.problems
        ],
    )
