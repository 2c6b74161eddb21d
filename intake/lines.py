"""Cut a stream of bytes into lines while holding no more than one line in memory."""

from collections.abc import Iterable, Iterator

from domain.errors import Malformed

LONGEST_LINE = 262_144
"""Bytes of the longest line read; the largest event fits, even with every letter escaped."""


class LineSplitter:
    """Give complete, non-empty lines as pieces of a stream arrive.

    A line that is too long is not kept: its place is taken by the reason why it was not read.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        """Refuse lines of more than so many bytes."""
        self._longest = longest
        self._pending = b""
        self._skipping = False

    def feed(self, piece: bytes) -> Iterator[bytes | Malformed]:
        """Give the lines that this piece completes."""
        *complete, rest = (self._pending + piece).split(b"\n")
        for line in complete:
            if self._skipping:
                # The end of a line whose beginning has been reported already.
                self._skipping = False
            else:
                yield from self._checked(line)
        if len(rest) > self._longest:
            if not self._skipping:
                yield self._too_long()
            self._skipping = True
        self._pending = b"" if self._skipping else rest

    def end(self) -> Iterator[bytes | Malformed]:
        """Give the last line if the stream did not end with a line break."""
        if not self._skipping:
            yield from self._checked(self._pending)
        self._pending = b""

    def _checked(self, line: bytes) -> Iterator[bytes | Malformed]:
        """Leave out blank lines and replace one that is too long."""
        if len(line) > self._longest:
            yield self._too_long()
        elif line and not line.isspace():
            yield line

    def _too_long(self) -> Malformed:
        """Say that a line is too long to hold one event."""
        return Malformed(
            code="event_too_large",
            value=f"more than {self._longest} bytes",
            cure="Send one event a line and keep large documents outside, named by their SHA-256.",
        )


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes | Malformed]:
    """Give the lines of a stream that is at hand."""
    splitter = LineSplitter()
    for piece in pieces:
        yield from splitter.feed(piece)
    yield from splitter.end()
