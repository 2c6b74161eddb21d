"""Hand out an evidence bundle, by mutation."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from api.desk import caller
from api.errors import UNAVAILABLE, Problem
from api.receiving import BundleWish
from api.scalars import DateTime


@strawberry.type(description="A bundle of evidence that was handed out · 证据包回执")
class HandedOut:
    """The receipt of a bundle."""

    id: strawberry.ID = strawberry.field(description="What names it; keep it secret · 标识")
    address: str = strawberry.field(
        description="Where this server gives it, with a token, as a zip file · 下载地址"
    )
    ready: bool = strawberry.field(
        description="Whether it can be fetched now; else the address answers 202 for a moment, and"
        " the values below are null · 是否就绪"
    )
    expires_at: DateTime = strawberry.field(description="Until when it is kept · 有效期至")
    scope: str | None = strawberry.field(description="What it is about · 范围")
    events: int | None = strawberry.field(description="How many events it holds · 事件数")
    files: int | None = strawberry.field(description="How many files it has · 文件数")
    size: int | None = strawberry.field(
        description="The size of the tree that its checkpoint covers · 检查点覆盖事件数"
    )
    names: int | None = strawberry.field(
        description="How many names of persons left the ledger with it; null where they stay sealed"
        " · 导出姓名数"
    )
    bytes: int | None = strawberry.field(description="Its length · 字节数")
    sha256: str | None = strawberry.field(description="The digest of the file · 摘要")
    verifier_key: str | None = strawberry.field(
        description="The key that signed it; tell it over another way · 验证公钥"
    )


def _argument(description: str) -> Any:
    return strawberry.argument(description=description)


async def hand_out_bundle(
    info: strawberry.Info,
    *,
    project: Annotated[
        str | None, _argument("About a project: its id, its code or source:… · 项目")
    ] = None,
    events: Annotated[
        list[strawberry.ID] | None, _argument("About these events, by their ids · 事件")
    ] = None,
    everything: Annotated[bool, _argument("About the whole ledger · 整个账本")] = False,
    with_names: Annotated[
        bool, _argument("With names of persons, which is recorded · 含姓名")
    ] = False,
) -> HandedOut:
    """Make a bundle and say where it is."""
    writer, grant = await caller(info)
    if writer.hand_out is None:
        message = "Bundles are not handed out here."
        raise Problem(message, UNAVAILABLE)
    wish = BundleWish(project, tuple(events or ()), everything, with_names)
    told = await writer.hand_out(wish, grant)
    names = ("scope", "events", "files", "size", "names", "bytes", "sha256", "verifier_key")
    expires: datetime = told["expires_at"]
    return HandedOut(
        id=told["id"],
        address=told["address"],
        ready=told["ready"],
        expires_at=DateTime(expires),
        **{name: told.get(name) for name in names},
    )
