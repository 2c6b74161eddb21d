"""Declare what an auditor asks about the ledger itself."""

import strawberry

from api.scalars import DateTime


@strawberry.type(description="A key that signs checkpoints · 签名者")
class Signer:
    """A signer."""

    name: str = strawberry.field(description="The name in its signatures · 名称")
    key_id: str = strawberry.field(
        description="The first eight hexadecimal digits of its identifier · 密钥标识"
    )
    verifier_key: str = strawberry.field(
        description="The public key, as tools for signed notes take it · 公钥"
    )


@strawberry.type(description="The present head of the ledger's tree · 账本头")
class LedgerHead:
    """The head."""

    size: int = strawberry.field(description="How many events there are · 事件数")
    root: str = strawberry.field(
        description="The RFC 6962 root hash over all of them, in hexadecimal · 根哈希"
    )
    recorded_at: DateTime | None = strawberry.field(
        description="When the last one was recorded · 最后记录时间"
    )
    checkpoint: str | None = strawberry.field(
        description="The last signed checkpoint, a signed note; null before the first · 检查点"
    )
    signers: list[Signer] = strawberry.field(description="Who signed it · 签名者")
    witnesses: list[Signer] = strawberry.field(
        description="Which witnesses cosigned it so far; while there are none it is not yet"
        " witnessed · 见证者"
    )


@strawberry.type(description="Something that a check found · 核验发现")
class IntegrityProblem:
    """A problem."""

    position: int | None = strawberry.field(description="The event's position · 总序号")
    kind: str = strawberry.field(description="The check that found it, as leaf_hash · 检查项")
    message: str = strawberry.field(description="What was seen · 说明")


@strawberry.type(
    description="What a check of the stored bytes found. It is the ledger's own word: compare the"
    " checkpoint with one that you kept · 完整性"
)
class Integrity:
    """The result of a check."""

    ok: bool = strawberry.field(description="There is no doubt at all · 是否完整")
    checked_from: int = strawberry.field(description="The first position read · 起始序号")
    checked_to: int = strawberry.field(description="The last position read · 截止序号")
    first_broken: int | None = strawberry.field(
        description="The first position at which something was found · 首个异常序号"
    )
    problems: list[IntegrityProblem] = strawberry.field(
        description="What was found, at most 20 of each check · 问题"
    )


@strawberry.type(description="The proof that an event is in the signed tree · 存在性证明")
class InclusionProof:
    """A proof."""

    position: int = strawberry.field(description="The event's position · 总序号")
    leaf_hash: str = strawberry.field(
        description="SHA-256 over a zero byte and the stored bytes, in hexadecimal · 叶哈希"
    )
    size: int = strawberry.field(description="The size that was signed · 树大小")
    root: str = strawberry.field(description="The root that was signed · 根哈希")
    hashes: list[str] = strawberry.field(
        description="The siblings from the leaf up, in hexadecimal · 路径"
    )
    checkpoint: str = strawberry.field(description="The signed note · 检查点")
    file: str = strawberry.field(
        description="All of it as a file of the form c2sp.org/tlog-proof@v1 · 证明文件"
    )


@strawberry.type(description="The proof that one size of the tree continues another · 一致性证明")
class ConsistencyProof:
    """A proof."""

    from_size: int = strawberry.field(description="The smaller size · 起始大小")
    to_size: int = strawberry.field(description="The larger size · 截止大小")
    from_root: str = strawberry.field(description="The root of the smaller one · 起始根哈希")
    to_root: str = strawberry.field(description="The root of the larger one · 截止根哈希")
    hashes: list[str] = strawberry.field(description="The proof, in hexadecimal · 证明")
