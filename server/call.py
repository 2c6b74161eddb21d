"""Say what one delivery over HTTP is about: from whom, in which form, under which names."""

from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from intake.batch import Batch
from server.body import Body
from server.house import House

DOCUMENTS = frozenset(
    {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    }
)
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


@dataclass(frozen=True, slots=True)
class Call:
    """One delivery, its batch, its body, and the key under which it is answered once."""

    request: Request
    house: House
    batch: Batch
    body: Body
    media_type: str
    key: str | None

    @property
    def digest(self) -> bytes:
        """Identify what was sent: the body that has been read, its form and its attributes."""
        headers = sorted(
            f"{name}: {value}"
            for name, value in self.request.headers.items()
            if name.startswith("ce-")
        )
        return sha256("\n".join([self.media_type, *headers, self.body.sha256]).encode()).digest()

    @property
    def wants_lines(self) -> bool:
        """Tell whether the answer may be one receipt a line, while the body is still read."""
        accepted = self.request.headers.get("accept", "").lower()
        return self.media_type in LINES and any(
            offer.partition(";")[0].strip() in LINES for offer in accepted.split(",")
        )
