"""Leave lines unread about which another process has found out all that is needed."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from domain.errors import Malformed
from intake.checking import Found
from intake.cloudevents import read_line, read_lines
from intake.delivery import Delivery, Parsed, Plain
from intake.grant import Grant


class Unread(msgspec.Struct, frozen=True, gc=False):
    """A line of a plain fact, which is read here only where somebody asks what else it says."""

    line: bytes
    plain: Plain
    batch_id: str | None = None
    row_no: int | None = None

    @property
    def kind(self) -> str:
        """Give the kind of the fact."""
        return self.plain.draft.kind

    @property
    def source_key(self) -> str:
        """Give the identity of the record at its source."""
        return self.plain.draft.source_key

    @property
    def system(self) -> str:
        """Name the system that sent it."""
        return self.source_key.partition("/")[0]

    def numbered(self, batch_id: str, row_no: int) -> "Unread":
        """Say in which batch and row it came."""
        return Unread(self.line, self.plain, batch_id, row_no)

    def read(self) -> Delivery:
        """Read it as whoever found it plain has done."""
        delivery = read_line(self.line, searched=True)
        assert isinstance(delivery, Delivery)
        if self.batch_id is None or self.row_no is None:
            return delivery
        return delivery.numbered(self.batch_id, self.row_no)


Arrived = Parsed | Unread
"""What comes in: a fact, a plain one that was not read here, or why a line cannot be read."""


def read_where_needed(
    lines: Sequence[bytes | Malformed], found: Found | None, grant: Grant
) -> Iterable[Arrived]:
    """Read lines, except for those that were `found` to be plain.

    What a limited caller sends is read, since its limits may depend on all that it says.
    """
    if found is None:
        return read_lines(lines)
    return _read_where_needed(lines, found, leaving=grant.limits is None)


def _read_where_needed(
    lines: Sequence[bytes | Malformed], found: Found, *, leaving: bool
) -> Iterator[Arrived]:
    """Read lines as they come, `leaving` those unread that need not be read."""
    for line, known in zip(lines, found, strict=True):
        if isinstance(known, Plain) and leaving and not isinstance(line, Malformed):
            yield Unread(line, known)
        else:
            yield read_line(line, searched=known is not None)
