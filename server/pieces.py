"""Read a file or a pipe piece by piece, and let others work while a silent writer is waited for."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from io import UnsupportedOperation
from typing import IO

PIECE = 2**18


async def pieces_of(source: IO[bytes]) -> AsyncIterator[bytes]:
    """Give the pieces of a source as they come; nothing of it must have been read before."""
    while piece := await _piece(source):
        yield piece


async def _piece(source: IO[bytes]) -> bytes:
    """Read what there is; empty at the end."""
    try:
        descriptor = source.fileno()
    except UnsupportedOperation:
        return source.read(PIECE)
    # What cannot be watched is a file, and its next piece is always there.
    with suppress(PermissionError):
        await _readable(descriptor)
    return os.read(descriptor, PIECE)


async def _readable(descriptor: int) -> None:
    """Wait until a pipe has something to read or has been closed. Raises PermissionError."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
