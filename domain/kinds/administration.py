"""Facts about the ledger itself."""

from typing import Any, ClassVar, Literal

from domain.kinds.fields import Text
from domain.kinds.payload import Payload


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
    }

    clock: Literal["machine", "replayed"]
    note: Text | None = None
