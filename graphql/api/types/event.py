"""Declare events: the immutable facts, who said them, where they came from, what proves them."""

from typing import Optional

import strawberry

from api.declaration import reads
from api.scalars import JSON, DateTime, FlexDate
from api.types.batch import ImportBatch
from api.types.node import Node
from api.types.value import PageInfo


@strawberry.type(description="Who recorded a fact · 操作人")
class Actor:
    """Who recorded a fact."""

    id: strawberry.ID = reads("The actor's id · 标识")
    name: str | None = reads("The name; null once it has been erased · 姓名")
    org: str | None = reads("The organisation · 单位")
    role: str | None = reads("The role acted in · 角色")


@strawberry.type(description="A document that supports a fact · 佐证材料")
class Evidence:
    """A supporting document."""

    id: strawberry.ID = reads("The document's id · 标识")
    title: str = reads("Its title · 名称")
    sha256: str = reads("The SHA-256 of its bytes, in hexadecimal · 摘要")
    uri: str | None = reads("Where it can be fetched · 地址")
    page: int | None = reads("The page that matters · 页码")


@strawberry.type(
    description="A source's own signature over what it sent, part of the leaf · 来源签名"
)
class Attestation:
    """A source's signature."""

    key: strawberry.ID = reads(
        "The source's registered key, by the beginning of its SHA-256 · 公钥标识"
    )
    sha256: str = reads("The digest of the statement that was signed · 摘要")
    signature: str = reads("The Ed25519 signature in base64 · 签名")


@strawberry.type(description="The record of another system that a fact came from · 来源")
class Source:
    """Where a fact came from."""

    system: str = reads("The system · 系统")
    record_id: str = reads("The record's id in that system · 记录号")
    record_version: str | None = reads("The record's version in that system · 记录版本")
    batch: ImportBatch | None = reads("The batch it arrived in · 批次")
    row_no: int | None = reads("Its row in the batch · 行号")


@strawberry.type(description="A fact, kept forever as it was recorded · 事件")
class Event(Node):
    """A recorded fact."""

    id: strawberry.ID = reads("The event's id, a UUIDv7 · 标识")
    stream: strawberry.ID = reads("The stream it lies in, as project/<id> · 事件流")
    version: int = reads("Its number in the stream, from 1 · 流内序号")
    position: int = reads("Its number in the ledger, from 1, without gaps · 总序号")
    type: str = reads("Its kind, as LandAwarded · 事件类型")
    occurred_on: FlexDate = reads("When it was true in the world · 发生日期")
    recorded_at: DateTime = reads("When it was recorded · 记录时间")
    lateness_days: int | None = reads(
        "Days from the last day it can have happened on to its recording, in Beijing · 滞后天数"
    )
    actor: Actor = reads("Who recorded it · 操作人")
    reason: str | None = reads("Why, where a reason is due · 理由")
    source: Source = reads("Where it came from · 来源")
    evidence: list[Evidence] = reads("What supports it · 佐证材料")
    payload: JSON = reads("What it says, in the newest form of its kind · 内容")
    corrects: Optional["Event"] = reads("The event it corrects or retracts · 所更正的事件")
    corrected_by: list["Event"] = reads("The events that correct or retract it · 更正它的事件")
    retracted: bool = reads("Whether it no longer counts, as known at the time asked · 是否已撤销")
    attestation: Attestation | None = reads(
        "The source's own signature, if it signs what it sends · 来源签名"
    )
    leaf_hash: str = reads("Its leaf in the Merkle tree, in hexadecimal · 叶哈希")


@strawberry.type(description="An event in a connection, with its cursor · 事件边")
class EventEdge:
    """An entry of an event connection."""

    cursor: str = reads("The place of the event, to go on after · 游标")
    node: Event = reads("The event · 事件")


@strawberry.type(description="A page of events · 事件分页")
class EventConnection:
    """A page of events."""

    nodes: list[Event] = reads("The events of the page · 事件")
    edges: list[EventEdge] = reads("The events of the page with their cursors · 边")
    page_info: PageInfo = reads("Where the page lies · 分页信息")
    total_count: int = reads("How many events there are on all pages · 总数")
