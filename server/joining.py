"""Send what is written at once in one piece: the head of an answer and its body.

Each write of its own costs a call of the system and wakes the receiver, who then waits for the rest
with half an answer in his hands. For short answers that was a tenth of all the work.
"""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

AT_ONCE = 2**16
"""More than this is sent without waiting for what else there is."""

if TYPE_CHECKING:
    Bytes = bytes | bytearray | memoryview


class Joining(asyncio.Transport):
    """A connection that sends at the end of the turn what was written during it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Send over a connection; whatever is not writing, that one does itself."""
        super().__init__()
        self._transport = transport
        self._call_soon = asyncio.get_running_loop().call_soon
        self._pieces: list[Bytes] = []
        self._size = 0
        for name in _OF_THE_CONNECTION:
            setattr(self, name, getattr(transport, name))

    def write(self, data: "Bytes") -> None:
        """Send soon, with what else is written until then."""
        if not self._pieces:
            self._call_soon(self._send)
        self._pieces.append(data)
        self._size += len(data)
        if self._size > AT_ONCE:
            self._send()

    def writelines(self, list_of_data: "Iterable[Bytes]") -> None:
        """Send soon."""
        for data in list_of_data:
            self.write(data)

    def get_write_buffer_size(self) -> int:
        """Tell how many bytes wait to be sent."""
        return self._size + self._transport.get_write_buffer_size()

    def write_eof(self) -> None:
        """Send what there is, and then nothing more."""
        self._send()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what there is and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        """Send what was written."""
        pieces, self._pieces = self._pieces, []
        self._size = 0
        # Who has left meanwhile is sent nothing; uvloop refuses to write to a closed connection.
        if pieces and not self._transport.is_closing():
            self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))


_OF_THE_CONNECTION = (
    *("abort", "can_write_eof", "get_extra_info", "get_protocol", "get_write_buffer_limits"),
    *("is_closing", "is_reading", "pause_reading", "resume_reading", "set_protocol"),
    "set_write_buffer_limits",
)


class JoinedHttp(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, over a connection that joins."""

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Begin to speak."""
        super().connection_made(Joining(transport))
