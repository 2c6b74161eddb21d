"""Read what a request brings, piece by piece, from senders that may be slow or go away."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

from starlette.requests import ClientDisconnect, Request

from domain.errors import LedgerError

TICK_SECONDS = 0.05
"""After so long without a piece, what has come so far is worked at."""


class SlowSender(LedgerError):
    """Nothing more of the body came for {value} seconds."""

    code = "slow_sender"
    cure = "Send the body without long breaks; what was received before has its receipts."


class Body:
    """The body of a request, with its digest and length so far."""

    def __init__(self, request: Request, *, patience_seconds: float) -> None:
        """Read the body of a request once; each piece is waited for as long as patience lasts."""
        self._request = request
        self._patience_seconds = patience_seconds
        self._digest: Any = sha256()

    @property
    def sha256(self) -> str:
        """Give the digest of what has been read, in hexadecimal."""
        digest: str = self._digest.hexdigest()
        return digest

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the pieces as they come, and nothing (b"") while none comes.

        Raises SlowSender, and ClientDisconnect when the sender has gone.
        """
        idle = 0.0
        while True:
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    message = await self._request.receive()
            except TimeoutError:
                idle += TICK_SECONDS
                if idle > self._patience_seconds:
                    raise SlowSender(value=int(self._patience_seconds)) from None
                yield b""
                continue
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            idle, piece = 0.0, message.get("body", b"")
            if piece:
                self._digest.update(piece)
                yield piece
            if not message.get("more_body", False):
                return
