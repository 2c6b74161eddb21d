"""The answer to a delivered fact, the same at every door."""

from enum import StrEnum
from typing import Any

import msgspec

from domain.errors import LedgerError


class Status(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What became of one delivery; code, field, value and cure say why it was not appended."""

    status: Status
    event_id: str | None = None
    position: int | None = None
    code: str | None = None
    field: str | None = None
    value: str | None = None
    cure: str | None = None

    def as_json(self, index: int) -> dict[str, Any]:
        """Give the receipt of the delivery with this index, leaving out what it does not say."""
        answer: dict[str, Any] = {"index": index, "status": self.status.value}
        for name in ("event_id", "position", "code", "field", "value", "cure"):
            said = getattr(self, name)
            if said is not None:
                answer[name] = said
        return answer


def refusal(error: LedgerError, status: Status = Status.REJECTED) -> Receipt:
    """Turn an error into the receipt that reports it."""
    return Receipt(status, code=error.code, field=error.field, value=error.value, cure=error.cure)
