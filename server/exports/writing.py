"""Write tables into files as they are read; the work of writing never stops the event loop."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from api.column import Column

from server.exports.about import About
from server.exports.tables import Table
from server.exports.workbook import Workbook

_CHUNK = 256 * 1024


class TableFile(Protocol):
    """A form in which one table is written piece by piece."""

    media_type: str
    ending: str

    def begin(self, columns: Sequence[Column], about: About) -> bytes:
        """Give what comes first."""

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give what has become ready with these rows."""

    def end(self) -> bytes:
        """Give what comes last."""


async def streamed(table: Table, file: TableFile) -> AsyncGenerator[bytes]:
    """Give a table as a file, piece by piece. Raises what reading and writing raise."""
    is_begun = False
    async with aclosing(table.batches()) as batches:
        async for rows in batches:
            if not is_begun:
                is_begun = True
                yield file.begin(table.columns, await table.about())
            piece = await asyncio.to_thread(file.add, rows)
            if piece:
                yield piece
    yield await asyncio.to_thread(file.end)


async def gathered(tables: Iterable[Table], path: Path, language: str) -> list[About]:
    """Write tables into one workbook, a sheet each, and say what each is about."""
    book = Workbook(path, language)
    told = []
    try:
        for table in tables:
            sheet = None
            async with aclosing(table.batches()) as batches:
                async for rows in batches:
                    if sheet is None:
                        about = await table.about()
                        told.append(about)
                        sheet = book.sheet(table.title, table.columns, about)
                    await asyncio.to_thread(sheet.add, rows)
            assert sheet is not None
            sheet.end()
    finally:
        await asyncio.to_thread(book.close)
    return told


async def written(pieces: AsyncGenerator[bytes], path: Path) -> None:
    """Write pieces into a file."""
    with path.open("wb") as file:
        async for piece in pieces:
            await asyncio.to_thread(file.write, piece)


async def pieces_of(file: IO[bytes]) -> AsyncGenerator[bytes]:
    """Give an open file piece by piece and close it."""
    with file:
        while piece := await asyncio.to_thread(file.read, _CHUNK):
            yield piece


@contextmanager
def scratch_file(ending: str) -> Iterator[Path]:
    """Give an empty file that is gone afterwards, but to whoever has opened it."""
    handle, name = tempfile.mkstemp(prefix="lifecycle-export-", suffix=f".{ending}")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
