"""Write receipts while they come about, without keeping those of a long stream in memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from typing import IO, Any

import orjson

from domain.receipt import Receipt

IN_MEMORY = 4 * 2**20
_PIECE = 2**16


class Spool:
    """What is to be answered, from where it is made to where it is sent, at whatever pace."""

    def __init__(self, *, as_lines: bool = False) -> None:
        """Start empty; beyond some size it lies in a file. Receipts are listed, or lines."""
        self._as_lines = as_lines
        self._receipts = 0
        self._little: list[bytes] = []
        self._opened: IO[bytes] | None = None
        self._written = 0
        self._read = 0
        self._more = asyncio.Event()
        self._complete = False

    @property
    def _file(self) -> IO[bytes]:
        """Give the file, with what was written before it was needed."""
        if self._opened is None:
            self._opened = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by who reads it
            self._opened.write(b"".join(self._little))
            self._little = []
        return self._opened

    def write(self, data: bytes) -> None:
        """Add to what is to be sent."""
        if self._opened is None and self._written + len(data) <= _PIECE:
            # Most answers are short, and never need a file.
            self._little.append(data)
        else:
            self._file.seek(self._written)
            self._file.write(data)
        self._written += len(data)
        self._more.set()

    def write_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Add receipts, numbered as they come."""
        pieces = []
        for receipt in receipts:
            written = orjson.dumps(receipt.as_json(self._receipts))
            if self._as_lines:
                pieces.append(written + b"\n")
            else:
                pieces.append(b"," + written if self._receipts else written)
            self._receipts += 1
        self.write(b"".join(pieces))

    def write_entry(self, entry: dict[str, Any]) -> None:
        """Add a receipt that has its number already."""
        written = orjson.dumps(entry)
        first = not self._receipts
        self._receipts += 1
        self.write(written + b"\n" if self._as_lines else written if first else b"," + written)

    @property
    def began(self) -> bool:
        """Tell whether there are receipts."""
        return self._receipts > 0

    async def anything(self) -> bool:
        """Wait until there is something to send, or until it is sure that there is nothing."""
        await self._more.wait()
        return self.began

    def close(self) -> None:
        """Throw away what was not sent."""
        self._little = []
        if self._opened is not None:
            self._opened.close()

    def finish(self) -> None:
        """Say that nothing more comes."""
        self._complete = True
        self._more.set()

    def taken(self) -> bytes | None:
        """Take everything at once, if it is little."""
        if self._opened is not None or self._read:
            return None
        whole, self._little = b"".join(self._little), []
        return whole

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give it piece by piece, waiting for more until it is finished."""
        try:
            while True:
                while self._read < self._written:
                    self._file.seek(self._read)
                    piece = self._file.read(_PIECE)
                    self._read += len(piece)
                    if self._read == self._written:
                        # The file need not grow while the receiver keeps up.
                        self._file.seek(0)
                        self._file.truncate()
                        self._read = self._written = 0
                    yield piece
                if self._complete:
                    return
                self._more.clear()
                await self._more.wait()
        finally:
            self._file.close()
