"""Send exports as files: at once while they are read, or from a file where that must be whole."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson
from starlette.responses import Response, StreamingResponse

from server.bearer import granted
from server.exports.about import SCHEMA_VERSION, About
from server.exports.asked import FORMATS, Asked, file_in
from server.exports.naming import disposition, file_name
from server.exports.refusals import translated
from server.exports.sealed import record_names
from server.exports.tables import ReadModelTable, Table
from server.exports.writing import (
    TableFile,
    gathered,
    pieces_of,
    scratch_file,
    streamed,
    written,
)

Called = tuple[str, str]
"""What an export is called: for programs, and for people in their language."""
_VARY: Final = "Accept, Accept-Language, Authorization"


async def answered(asked: Asked, tables: Sequence[Table], form: str, called: Called) -> Response:
    """Write tables into one file and send it. Raises LedgerError."""
    if form == "xlsx":
        return await _from_file(asked, tables, form, called, None)
    [table] = tables
    file = file_in(form, asked.given)
    if table.may_tell_names or isinstance(table, ReadModelTable):
        # Names are recorded before they leave, and a slow reader holds no connection.
        return await _from_file(asked, tables, form, called, file)
    return await sent(asked, streamed(table, file), table.about, form, called)


async def sent(
    asked: Asked,
    pieces: AsyncGenerator[bytes],
    about: Callable[[], Awaitable[About]],
    form: str,
    called: Called,
) -> Response:
    """Send pieces as they come; what cannot begin is refused as a whole. Raises LedgerError."""
    with translated():
        first = await anext(pieces)
        told = await about()
    headers = headers_of(asked, [told], form, called)
    if is_known(asked, headers):
        return Response(status_code=304, headers=headers)
    if asked.request.method == "HEAD":
        # How long it would become is not known before it is read.
        return StreamingResponse(_nothing(), headers=headers, media_type=FORMATS[form])

    async def all_pieces() -> AsyncGenerator[bytes]:
        with asked.house.exporting.taken():
            async with aclosing(pieces) as rest:
                yield first
                async for piece in rest:
                    yield piece

    return StreamingResponse(all_pieces(), headers=headers, media_type=FORMATS[form])


async def _from_file(
    asked: Asked, tables: Sequence[Table], form: str, called: Called, file: TableFile | None
) -> Response:
    """Write tables into a file, record the names in it, and send it."""

    async def write(path: Path) -> list[About]:
        if file is None:
            return await gathered(tables, path, asked.language)
        await written(streamed(tables[0], file), path)
        return [await tables[0].about()]

    def names() -> int:
        return sum(table.names for table in tables if table.may_tell_names)

    return await kept_and_sent(asked, write, names, form, called)


async def kept_and_sent(
    asked: Asked,
    write: Callable[[Path], Awaitable[Sequence[About]]],
    names: Callable[[], int],
    form: str,
    called: Called,
) -> Response:
    """Write a file, record the names in it before they leave, and send it. Raises LedgerError."""
    with scratch_file(form) as path:
        with asked.house.exporting.taken(), translated():
            abouts = await write(path)
        headers = headers_of(asked, abouts, form, called)
        if is_known(asked, headers):
            return Response(status_code=304, headers=headers)
        # Who asks for the head alone is given no name.
        count = names() if asked.request.method != "HEAD" else 0
        if count:
            grant = await granted(asked.request)
            actor = None if grant is None else grant.actor
            await record_names(asked.house, (form, called[0]), abouts[0], count, actor)
        headers["Content-Length"] = str(path.stat().st_size)
        content = pieces_of(path.open("rb"))
    return StreamingResponse(content, headers=headers, media_type=FORMATS[form])


async def _nothing() -> AsyncGenerator[bytes]:
    """Give no pieces."""
    return
    yield


def headers_of(
    asked: Asked, abouts: Sequence[About], ending: str, called: Called
) -> dict[str, str]:
    """Name the file, and say as of when it is."""
    about, (name, title) = abouts[0], called
    readable, plain = file_name(title, about, ending), file_name(name, about, ending)
    told = {
        "Content-Disposition": disposition(readable, plain),
        "Ledger-Known-Position": str(about.known),
        "Vary": _VARY,
        "Cache-Control": "private, no-cache",
        "ETag": _tag(asked, abouts),
    }
    return told if about.on is None else told | {"Ledger-On": about.on.isoformat()}


def _tag(asked: Asked, abouts: Sequence[About]) -> str:
    """Give the entity tag: the same question at the same clocks has the same answer."""
    request = asked.request
    told = [
        request.url.path,
        sorted(request.query_params.multi_items()),
        request.headers.get("accept", ""),
        asked.question.query,
        repr(asked.question.variables),
        asked.question.scope,
        asked.language,
        [(about.known, str(about.on)) for about in abouts],
        SCHEMA_VERSION,
    ]
    return f'W/"{sha256(orjson.dumps(told)).hexdigest()[:32]}"'


def is_known(asked: Asked, headers: dict[str, str]) -> bool:
    """Tell whether the caller has this very answer."""
    known = asked.request.headers.get("if-none-match", "")
    return headers["ETag"] in {each.strip() for each in known.split(",")}
