"""Declare the mutations: append, correct and retract; each answers with a receipt."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry

from api.bundling import HandedOut, hand_out_bundle
from api.desk import (
    BatchRetraction,
    QuarantineDecision,
    correct_quarantined,
    refuse_quarantined,
    release_quarantined,
    retract_batch,
)
from api.enums import ReceiptStatus
from api.errors import UNAUTHENTICATED, BadInput, Problem
from api.importing import ImportReport, import_ledger
from api.inputs import EvidenceInput
from api.receiving import Writer
from api.scalars import JSON, FlexDate
from domain.attestation import Attested
from domain.flexdate import BEIJING
from domain.receipt import Receipt
from intake.delivery import Delivery
from intake.identifiers import new_identifier


@strawberry.type(description="What became of a fact · 回执")
class AppendResult:
    """A receipt."""

    status: ReceiptStatus = strawberry.field(description="What became of it · 状态")
    event_id: strawberry.ID | None = strawberry.field(
        description="The event that holds it · 事件标识"
    )
    position: int | None = strawberry.field(
        description="The event's position; pass it as atLeast to read your own write · 总序号"
    )
    code: str | None = strawberry.field(description="Why it was not appended, as a code · 原因代码")
    field: str | None = strawberry.field(description="The field at fault · 字段")
    value: str | None = strawberry.field(description="The value at fault, shortened · 取值")
    cure: str | None = strawberry.field(description="What helps · 处理建议")


def _argument(description: str) -> Any:
    return strawberry.argument(description=description)


Reason = Annotated[str, _argument("Why · 理由")]
Target = Annotated[
    strawberry.ID, _argument("The event's id, or source:<system>/<record id> · 目标事件")
]
Documents = Annotated[list[EvidenceInput] | None, _argument("What supports it · 佐证材料")]
System = Annotated[
    str | None, _argument("The system it comes from; by default the token's own · 来源系统")
]
RecordId = Annotated[
    str | None,
    _argument("Its record in that system; sending the same again changes nothing · 记录号"),
]
Signature = Annotated[
    str | None, _argument("The source's own signature, of sources that sign · 来源签名")
]
SignatureKey = Annotated[strawberry.ID | None, _argument("The key that signed · 公钥标识")]


async def append(
    info: strawberry.Info,
    *,
    type: Annotated[str, _argument("Its kind, as LandAwarded · 事件类型")],
    record_id: Annotated[
        str, _argument("Its record at the source; with the version its identity · 记录号")
    ],
    occurred_on: Annotated[FlexDate, _argument("When it was true in the world · 发生日期")],
    payload: Annotated[JSON, _argument("What it says, as its kind demands · 内容")],
    stream: Annotated[
        strawberry.ID | None,
        _argument("Whom it is about: project/<id>, code:… or source:… · 事件流"),
    ] = None,
    record_version: Annotated[str | None, _argument("The record's version · 记录版本")] = None,
    expected_version: Annotated[
        int | None, _argument("Refuse it unless the stream has this version · 预期版本")
    ] = None,
    reason: Annotated[str | None, _argument("Why, where a reason is due · 理由")] = None,
    evidence: Documents = None,
    system: System = None,
    signature: Signature = None,
    signature_key: SignatureKey = None,
) -> AppendResult:
    """Record one fact."""
    attested = _attested(signature, signature_key)
    return await _receive(
        info,
        lambda own: Delivery(
            kind=type,
            system=system or own,
            record_id=record_id,
            record_version=record_version,
            subject=stream,
            occurred_on=str(occurred_on),
            reason=reason,
            expected_version=expected_version,
            payload=_members(payload),
            evidence=_documents(evidence),
            attested=attested,
        ),
    )


async def correct(
    info: strawberry.Info,
    *,
    target: Target,
    reason: Reason,
    payload: Annotated[
        JSON | None, _argument("The whole content as it should have been · 更正后的内容")
    ] = None,
    occurred_on: Annotated[
        FlexDate | None, _argument("The date as it should have been · 更正后的发生日期")
    ] = None,
    evidence: Documents = None,
    record_id: RecordId = None,
    system: System = None,
    signature: Signature = None,
    signature_key: SignatureKey = None,
) -> AppendResult:
    """Correct one event."""
    attested = _attested(signature, signature_key)
    if payload is None and occurred_on is None:
        message = "A correction changes the payload, the date or both."
        raise BadInput(message)
    changes: dict[str, Any] = {}
    if payload is not None:
        changes["payload"] = _members(payload)
    if occurred_on is not None:
        changes["occurred_on"] = str(occurred_on)
    return await _receive(
        info,
        lambda own: Delivery(
            kind="EventCorrected",
            system=system or own,
            record_id=record_id or new_identifier(),
            occurred_on=_today(info),
            reason=reason,
            corrects=target,
            payload=changes,
            evidence=_documents(evidence),
            attested=attested,
        ),
    )


async def retract(
    info: strawberry.Info,
    *,
    target: Target,
    reason: Reason,
    evidence: Documents = None,
    record_id: RecordId = None,
    system: System = None,
    signature: Signature = None,
    signature_key: SignatureKey = None,
) -> AppendResult:
    """Retract one event."""
    attested = _attested(signature, signature_key)
    return await _receive(
        info,
        lambda own: Delivery(
            kind="EventRetracted",
            system=system or own,
            record_id=record_id or new_identifier(),
            occurred_on=_today(info),
            reason=reason,
            corrects=target,
            evidence=_documents(evidence),
            attested=attested,
        ),
    )


async def approve(
    info: strawberry.Info,
    *,
    number: Annotated[int, _argument("Its number in the quarantine · 隔离编号")],
    digest: Annotated[
        str | None, _argument("The SHA-256 of the very body that is approved · 摘要")
    ] = None,
) -> AppendResult:
    """Approve what somebody else has sent."""
    writer: Writer | None = info.context.writer
    grant = None if writer is None else await writer.grant()
    if writer is None or grant is None:
        message = "Send a token that may write, as `Authorization: Bearer …`."
        raise Problem(message, UNAUTHENTICATED)
    return _result(info, await writer.intake.approve(number, grant, digest))


@strawberry.type(description="What can be recorded · 变更")
class Mutation:
    """The mutations."""

    append: AppendResult = strawberry.mutation(
        resolver=append, description="Record a fact · 追加事件"
    )
    correct: AppendResult = strawberry.mutation(
        resolver=correct,
        description="Replace what an event says; the event itself stays as it is · 更正事件",
    )
    retract: AppendResult = strawberry.mutation(
        resolver=retract, description="Say that an event was recorded by mistake · 撤销误录"
    )
    approve: AppendResult = strawberry.mutation(
        resolver=approve,
        description="Approve, as a second person, what waits in the quarantine · 双人复核",
    )
    release_quarantined: QuarantineDecision = strawberry.mutation(
        resolver=release_quarantined,
        description="Take an entry of the quarantine in as it is · 放行隔离数据",
    )
    correct_quarantined: QuarantineDecision = strawberry.mutation(
        resolver=correct_quarantined,
        description="Take an entry of the quarantine in with other content · 更正隔离数据",
    )
    refuse_quarantined: QuarantineDecision = strawberry.mutation(
        resolver=refuse_quarantined,
        description="Keep an entry of the quarantine out for good · 拒绝隔离数据",
    )
    import_ledger: ImportReport = strawberry.mutation(
        resolver=import_ledger,
        description="Take in a register whose rows another program has read · 导入台账",
    )
    hand_out_bundle: HandedOut = strawberry.mutation(
        resolver=hand_out_bundle,
        description="Make a bundle of evidence that verifies with no server, to be fetched within"
        " an hour; for a project it also proves that nothing later was held back · 导出证据包",
    )
    retract_batch: BatchRetraction = strawberry.mutation(
        resolver=retract_batch,
        description="Take back every event of a batch with one reason · 撤回整个批次",
    )


def _today(info: strawberry.Info) -> str:
    now: datetime = info.context.now()
    return now.astimezone(BEIJING).date().isoformat()


def _attested(signature: str | None, key: str | None) -> Attested | None:
    """Put a signature and the name of its key together. Raises BadInput."""
    if signature is None and key is None:
        return None
    if signature is None or key is None:
        message = "A signature comes with its key: give signature and signatureKey."
        raise BadInput(message)
    return Attested(key, signature)


def _members(payload: object) -> dict[str, Any]:
    if not isinstance(payload, dict):
        message = "A payload is a JSON object."
        raise BadInput(message)
    return payload


def _documents(evidence: list[EvidenceInput] | None) -> tuple[dict[str, Any], ...]:
    documents = []
    for document in evidence or ():
        members = strawberry.asdict(document)
        documents.append({name: value for name, value in members.items() if value is not None})
    return tuple(documents)


async def _receive(info: strawberry.Info, delivery: Callable[[str], Delivery]) -> AppendResult:
    """Take in the delivery that is made for the caller's own system."""
    writer: Writer | None = info.context.writer
    grant = None if writer is None else await writer.grant()
    if writer is None or grant is None:
        message = "Send a token that may write, as `Authorization: Bearer …`."
        raise Problem(message, UNAUTHENTICATED)
    receipt = (await writer.intake.receive([delivery(grant.own_system)], grant))[0]
    return _result(info, receipt)


def _result(info: strawberry.Info, receipt: Receipt) -> AppendResult:
    """Give a receipt, and tell the answer at which position it is true."""
    if receipt.position is not None:
        info.context.position = receipt.position
    return AppendResult(
        status=ReceiptStatus(receipt.status.value),
        event_id=None if receipt.event_id is None else strawberry.ID(receipt.event_id),
        position=receipt.position,
        code=receipt.code,
        field=receipt.field,
        value=receipt.value,
        cure=receipt.cure,
    )
