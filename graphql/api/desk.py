"""Decide about the quarantine and take batches back, by mutation."""

from typing import Annotated, Any

import strawberry

from api.codes import QuarantineOutcome
from api.enums import ReceiptStatus
from api.errors import UNAUTHENTICATED, BadInput, Problem
from api.receiving import Writer
from api.scalars import JSON, FlexDate
from domain.receipt import Receipt
from intake.desk import Decision, Desk
from intake.receipt_book import ReceiptBook
from intake.retraction import Retraction


@strawberry.type(description="What was decided about an entry of the quarantine · 处置结果")
class QuarantineDecision:
    """A decision about the quarantine."""

    number: int = strawberry.field(description="The entry · 编号")
    decision: QuarantineOutcome = strawberry.field(
        description="released, refused or replaced; kept if nothing could be done yet · 处置结果"
    )
    status: ReceiptStatus | None = strawberry.field(description="What became of the fact · 状态")
    event_id: strawberry.ID | None = strawberry.field(
        description="The event that holds it · 事件标识"
    )
    position: int | None = strawberry.field(description="The event's position · 总序号")
    code: str | None = strawberry.field(description="Why it stays, as a code · 原因代码")
    field: str | None = strawberry.field(description="The field at fault · 字段")
    cure: str | None = strawberry.field(description="What helps · 处理建议")


@strawberry.type(description="A batch that was taken back · 批次撤回结果")
class BatchRetraction:
    """What became of a batch that was taken back."""

    batch_id: strawberry.ID = strawberry.field(description="The batch · 批次")
    retraction_batch_id: strawberry.ID | None = strawberry.field(
        description="The batch of the retractions · 撤回批次"
    )
    events: int = strawberry.field(description="How many events it had brought · 事件数")
    retracted: int = strawberry.field(description="How many were retracted just now · 撤回数")
    refused: int = strawberry.field(
        description="How many of its entries in the quarantine were refused · 拒绝的隔离数据"
    )


def _argument(description: str) -> Any:
    return strawberry.argument(description=description)


Number = Annotated[int, _argument("The entry's number · 编号")]
Reason = Annotated[str, _argument("Why; it is kept for good · 理由")]


async def release_quarantined(
    info: strawberry.Info, *, number: Number, reason: Reason
) -> QuarantineDecision:
    """Take an entry in as it is."""
    desk = await _desk(info)
    return _told(info, await desk.release(number, reason))


async def refuse_quarantined(
    info: strawberry.Info, *, number: Number, reason: Reason
) -> QuarantineDecision:
    """Keep an entry out for good."""
    desk = await _desk(info)
    return _told(info, await desk.refuse(number, reason))


async def correct_quarantined(
    info: strawberry.Info,
    *,
    number: Number,
    reason: Reason,
    subject: Annotated[str | None, _argument("Whom it is really about · 事件主体")] = None,
    occurred_on: Annotated[FlexDate | None, _argument("When it really was · 发生日期")] = None,
    payload: Annotated[JSON | None, _argument("The whole content · 内容")] = None,
) -> QuarantineDecision:
    """Take an entry in with other content."""
    changes: dict[str, Any] = {"subject": subject, "payload": payload}
    changes["occurred_on"] = None if occurred_on is None else str(occurred_on)
    if payload is not None and not isinstance(payload, dict):
        message = "A payload is a JSON object."
        raise BadInput(message)
    desk = await _desk(info)
    said = {name: value for name, value in changes.items() if value is not None}
    return _told(info, await desk.correct(number, said, reason))


async def retract_batch(
    info: strawberry.Info,
    *,
    id: Annotated[strawberry.ID, _argument("The batch · 批次")],
    reason: Reason,
) -> BatchRetraction:
    """Take every event of a batch back."""
    writer, grant = await caller(info)
    pool = writer.intake.pool
    retraction = Retraction(writer.intake, ReceiptBook(pool), pool, grant)
    result = await retraction.of(id, reason)
    if result.position:
        info.context.position = result.position
    found = result.as_json()
    return BatchRetraction(
        batch_id=id,
        retraction_batch_id=found["retraction_batch_id"],
        events=found["events"],
        retracted=found["accepted"],
        refused=result.refused,
    )


async def caller(info: strawberry.Info) -> tuple[Writer, Any]:
    """Find who is calling. Raises Problem."""
    writer: Writer | None = info.context.writer
    grant = None if writer is None else await writer.grant()
    if writer is None or grant is None:
        message = "Send a token that may write, as `Authorization: Bearer …`."
        raise Problem(message, UNAUTHENTICATED)
    return writer, grant


async def _desk(info: strawberry.Info) -> Desk:
    writer, grant = await caller(info)
    return Desk(writer.intake, writer.intake.pool, grant)


def _told(info: strawberry.Info, decision: Decision) -> QuarantineDecision:
    """Answer what was decided."""
    receipt = decision.receipt
    if receipt is not None and receipt.position is not None:
        info.context.position = receipt.position
    return QuarantineDecision(
        number=decision.number,
        decision=QuarantineOutcome(decision.decision),
        status=None if receipt is None else ReceiptStatus(receipt.status.value),
        **_details(receipt),
    )


def _details(receipt: Receipt | None) -> dict[str, Any]:
    """Give the parts of a receipt that say where or why."""
    names = ("event_id", "position", "code", "field", "cure")
    return {name: getattr(receipt, name, None) for name in names}
