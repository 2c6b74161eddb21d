"""Say what another system delivered: one fact, as received, before it is matched and checked."""

from datetime import datetime
from typing import Any

import msgspec

from domain.attestation import Attested
from domain.draft import Checked, Draft
from domain.errors import Malformed


class Delivery(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One fact as its source sent it; everything but its form is still to be judged.

    `subject` is a stream ("project/<id>"), an alias ("code:…", "source:…") or a bare project id.
    `corrects` is an event id or "source:<system>/<record id>" of the fact to be amended.
    `received_at` counts only under the replayed clock; otherwise the fact is recorded on arrival.
    `attested` is the signature of the source itself.
    """

    kind: str
    system: str
    record_id: str
    record_version: str | None = None
    subject: str | None = None
    occurred_on: str
    time: str | None = None
    reason: str | None = None
    expected_version: int | None = None
    corrects: str | None = None
    payload: dict[str, Any] = {}
    evidence: tuple[dict[str, Any], ...] = ()
    batch_id: str | None = None
    row_no: int | None = None
    actor: dict[str, str] | None = None
    received_at: datetime | None = None
    attested: Attested | None = None

    @property
    def source_key(self) -> str:
        """Give the identity of the record at its source, without its version."""
        return f"{self.system}/{self.record_id}"

    def numbered(self, batch_id: str, row_no: int) -> "Delivery":
        """Say in which batch and row it came, unless its source says so itself."""
        if self.batch_id is not None:
            return self
        return msgspec.structs.replace(self, batch_id=batch_id, row_no=self.row_no or row_no)


class Plain(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """A fact that names nothing but its project, by its id, and asks nothing of what came before.

    It needs no looking up but whether there is such a project.
    """

    draft: Draft
    occurred_on: str


Ahead = Checked | Malformed | None
"""What checking a delivery by itself gave: a fact or a fault, or nothing if it must be checked yet.
"""

Parsed = Delivery | Malformed
"""What reading gives for each delivery: the fact, or why it could not be read."""
