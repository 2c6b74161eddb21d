"""Facts about the ledger itself: nobody is exempt, neither its operators nor its keys."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from domain.kinds.fields import Code, Count, FlexDateText, Identifier, Sha256, Text
from domain.kinds.payload import Payload

KeyId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{8}$")]
"""The identifier of a key in a signed note: four bytes in hexadecimal."""

EventId = Annotated[
    str,
    StringConstraints(
        strict=True, pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    ),
]
"""The id of an event, a UUID in lower case."""

NamePlace = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=200,
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[\w.]+$",
    ),
]
"""Where a sealed name stands: the event's id, and the path in its body."""

SignedText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=16_000)]
"""A signed note, or another signed text, as it was issued."""

Size = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
"""How many events a tree covers."""

_ROOT = "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"


class LedgerOpened(Payload):
    """A ledger began, by the machine's clock or replaying the times deliveries were received at."""

    kind = "LedgerOpened"
    number = 0
    chinese = "账本启用"
    english = "ledger opened"
    occurred_on_means = "opened on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "clock": "replayed",
        "note": "Demonstration of Zhangjiagang 2024",
        "portfolio": "seed=2024 projects=2048",
    }

    clock: Literal["machine", "replayed"]
    note: Text | None = None
    portfolio: Text | None = None
    """What the facts of a demonstration were generated from."""


class TokenChanged(Payload):
    """Somebody was given rights by a token, or lost them."""

    kind = "TokenChanged"
    number = 901
    chinese = "令牌变更"
    english = "token changed"
    occurred_on_means = "changed on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "token_id": "0190e1d3-0000-7000-8000-000000000001",
        "act": "created",
        "label": "approval platform",
        "actor": "platform",
        "org": "Administrative approval bureau",
        "role": "source",
        "rights": ["append", "read"],
        "systems": ["approval"],
        "regions": ["320582"],
        "secret_digest": _ROOT,
    }

    token_id: EventId
    act: Literal["created", "revoked"]
    secret_digest: Sha256 | None = None
    """SHA-256 of the stored hash of its secret, by which another secret would show."""
    label: Text
    actor: Identifier | None = None
    org: Text | None = None
    role: Text | None = None
    rights: list[Code] | None = None
    systems: list[Identifier] | None = None
    kinds: list[Identifier] | None = None
    regions: list[Identifier] | None = None
    expires_at: FlexDateText | None = None


class KeyRotated(Payload):
    """From here on another key signs the checkpoints; the statement is signed by the old one."""

    kind = "KeyRotated"
    number = 902
    chinese = "密钥轮换"
    english = "signing key rotated"
    occurred_on_means = "rotated on"
    stream_type = "ledger"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "origin": "ledger.example/wujin",
        "key_id": "0a1b2c3d",
        "verifier_key": "ledger.example/wujin+0a1b2c3d+AQIDBAUG",
        "previous_key_id": "4d5e6f70",
        "statement": "ledger.example/wujin\nnew key …\n\n— ledger.example/wujin TV5vcA==\n",
    }

    origin: Identifier
    key_id: KeyId
    verifier_key: Text
    previous_key_id: KeyId
    statement: SignedText


class IncarnationDeclared(Payload):
    """After a restore the ledger goes on under a new origin, linked to what was signed before."""

    kind = "IncarnationDeclared"
    number = 903
    chinese = "账本新生代声明"
    english = "incarnation declared"
    occurred_on_means = "declared on"
    stream_type = "ledger"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "incarnation": "after-restore-2024-07",
        "origin": "ledger.example/wujin/after-restore-2024-07",
        "previous_origin": "ledger.example/wujin",
        "previous_size": 1200,
        "previous_root": _ROOT,
        "resumed_size": 1100,
        "resumed_root": _ROOT,
    }

    incarnation: Code
    origin: Identifier
    previous_origin: Identifier
    previous_size: Size
    previous_root: Sha256
    previous_checkpoint: SignedText | None = None
    resumed_size: Size
    resumed_root: Sha256
    verifier_key: Text | None = None


class ErasureApproved(Payload):
    """Two persons decided that names are erased; every proof over their events still holds."""

    kind = "ErasureApproved"
    number = 904
    chinese = "个人信息删除批准"
    english = "erasure approved"
    occurred_on_means = "approved on"
    stream_type = "ledger"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "names": ["0190e1d3-0000-7000-8000-000000000001/actor.name"],
    }

    names: list[NamePlace] = Field(min_length=1, max_length=800)


class QuarantineDecided(Payload):
    """Somebody decided about a delivery that was kept instead of appended."""

    kind = "QuarantineDecided"
    number = 905
    chinese = "隔离处置"
    english = "quarantine decided"
    occurred_on_means = "decided on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "number": 17,
        "decision": "refused",
        "source_key": "approval/XM-17",
        "code": "future_fact",
    }

    entry: Count = Field(alias="number")
    decision: Literal["released", "refused", "replaced"]
    source_key: Text | None = None
    code: Code | None = None
    event: EventId | None = None


class StreamHeads(Payload):
    """Every stream's last version and hash, as one tree: after it nothing can be left out."""

    kind = "StreamHeads"
    number = 906
    chinese = "各流末端快照"
    english = "heads of all streams"
    occurred_on_means = "the day they close"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "size": 1200,
        "root": _ROOT,
        "streams": 50,
        "heads_root": _ROOT,
    }

    size: Size
    root: Sha256
    streams: Count
    heads_root: Sha256


class TimeTokenReceived(Payload):
    """An outside authority stamped a checkpoint: all before it is older, all after it younger."""

    kind = "TimeTokenReceived"
    number = 907
    chinese = "可信时间戳"
    english = "time token received"
    occurred_on_means = "stamped at"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "authority": "tsa.example",
        "size": 1200,
        "root": _ROOT,
        "checkpoint_sha256": _ROOT,
        "stamped_at": "2024-07-01T00:00:00Z",
        "token": "MIIC",
    }

    authority: Text
    size: Size
    root: Sha256
    checkpoint_sha256: Sha256
    stamped_at: FlexDateText
    token: Annotated[str, StringConstraints(strict=True, min_length=4, max_length=40_000)]


class FindingReported(Payload):
    """A verification found something that should not be; the finding stays, whoever caused it."""

    kind = "FindingReported"
    number = 908
    chinese = "核验发现"
    english = "verification finding"
    occurred_on_means = "found on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "check": "leaf_hash",
        "position": 17,
        "message": "the stored hash is not that of the stored bytes",
        "findings": 1,
    }

    check: Code
    position: Size | None = None
    message: Text
    findings: Count


class SealedPartsExported(Payload):
    """Names of persons left the ledger in readable form."""

    kind = "SealedPartsExported"
    number = 909
    chinese = "敏感信息导出"
    english = "sealed parts exported"
    occurred_on_means = "exported on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "form": "bundle",
        "scope": "project/0190e1d3-0000-7000-8000-000000000001",
        "size": 1200,
        "names": 3,
    }

    form: Code
    scope: Text
    size: Size
    names: Count


class ActorKeyChanged(Payload):
    """From here on an actor signs what it sends by a key of its own, or does so no more."""

    kind = "ActorKeyChanged"
    number = 910
    chinese = "签名公钥变更"
    english = "actor's key changed"
    occurred_on_means = "changed on"
    stream_type = "ledger"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "actor": "approval-platform",
        "act": "registered",
        "key_id": "66687aadf862bd77",
        "public_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }

    actor: Identifier
    act: Literal["registered", "revoked"]
    key_id: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{16}$")]
    """The first sixteen digits of the key's SHA-256."""
    public_key: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9+/]{43}=$")]
    """The 32 bytes of an Ed25519 key in base64."""


class BookClosed(Payload):
    """What lies beside the events in one book is committed to, from the entry closed before on."""

    kind = "BookClosed"
    number = 911
    chinese = "侧账封存"
    english = "book closed"
    occurred_on_means = "closed on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {
        "book": "receipts",
        "after": 0,
        "last": 1200,
        "rows": 1199,
        "digest": _ROOT,
    }

    book: Code
    after: Size
    last: Size
    rows: Size
    digest: Sha256


class SettingChanged(Payload):
    """From here on a server heeds other issuers of tokens, or asks other witnesses."""

    kind = "SettingChanged"
    number = 912
    chinese = "运行设置变更"
    english = "setting changed"
    occurred_on_means = "noticed on"
    stream_type = "ledger"
    example: ClassVar[dict[str, Any]] = {"setting": "issuers", "sha256": _ROOT}

    setting: Literal["issuers", "witnesses"]
    sha256: Sha256 | None = None
    """Of the file as it was read; none, and nobody is heeded or asked any more."""
