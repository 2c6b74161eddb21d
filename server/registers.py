"""Receive registers over HTTP: `POST /registers?mapping=…` with a workbook or CSV file as body."""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.errors import LedgerError, Malformed
from intake.batch import checked_batch_id
from intake.registers.library import mapping, mapping_in
from intake.registers.mapping import Mapping
from intake.registers.safety import LARGEST_FILE, UnsafeFile
from server.bearer import granted, unauthorized
from server.body import Body
from server.exports.options import refuse_unknown, truth
from server.forms import check_uncompressed
from server.house import House
from server.problems import problem, refused
from server.reading import Reading
from server.settings import Settings

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_KNOWN = frozenset({"mapping", "dry_run", "year", "month", "file_name"})
_LONGEST_NAME = 200


async def receive_register(request: Request) -> Response:
    """Take in a register, or with `dry_run=true` only say what would become of it.

    The answer is a report; who accepts a workbook gets the faulty rows as one, if there are any.
    """
    house: House = request.app.state.house
    grant = await granted(request)
    if grant is None:
        house.denials.note("deliver", "unauthorized", None, "POST /registers")
        return unauthorized()
    asked = request.query_params
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        cure = "Send the file itself as the body, as curl does with --data-binary @FILE."
        return problem(415, "unsupported_media_type", cure, field="content-type")
    try:
        check_uncompressed(request)
        house.pressure.check()
        refuse_unknown(asked, _KNOWN)
        dry_run = _dry_run(asked.get("dry_run"))
        register = _mapping(house.settings, asked.get("mapping", ""))
        chosen = request.headers.get("ledger-batch")
        if chosen is not None:
            await house.book.check_owner(checked_batch_id(chosen), grant.actor.id)
        with TemporaryDirectory(prefix="register-") as folder, house.pressure.counted():
            reading = Reading(
                file=await _received(request, Path(folder) / "register", house.settings),
                file_name=_file_name(request),
                register=register,
                given={"year": asked.get("year"), "month": asked.get("month")},
                faults_to=Path(folder) / "faults.xlsx" if _wants_workbook(request) else None,
                dry_run=dry_run,
                batch=chosen,
            )
            report = await reading.over(house, grant)
            return await _answer(reading, report.as_json())
    except LedgerError as error:
        return refused(error)


async def _answer(reading: Reading, report: dict[str, object]) -> Response:
    """Give the report, or the faulty rows."""
    headers = {"Ledger-Batch": str(report["batch_id"])} if "batch_id" in report else {}
    if reading.faults_to is not None and reading.faults_to.exists():
        workbook = await asyncio.to_thread(reading.faults_to.read_bytes)
        return Response(workbook, media_type=WORKBOOK, headers=headers)
    return JSONResponse(report, headers=headers)


def _dry_run(text: str | None) -> bool:
    """Read whether nothing shall be taken in; what is unclear is not taken for a no.

    Raises Malformed.
    """
    if text == "":
        raise Malformed(
            code="invalid_value", field="dry_run", value=text, cure="Give true or false."
        )
    return text is not None and truth("dry_run", text)


def _mapping(settings: Settings, name: str) -> Mapping:
    """Find a mapping: one that was put into the data folder, else a ready one.

    Raises NoMapping, BadMapping and Malformed.
    """
    if not _NAME.fullmatch(name):
        raise Malformed(
            code="missing_field" if not name else "invalid_value",
            field="mapping",
            value=name or None,
            cure="Name a mapping: POST /registers?mapping=monthly-investment.",
        )
    own = settings.data / "mappings" / f"{name}.toml"
    return mapping_in(own) if own.is_file() else mapping(name)


async def _received(request: Request, path: Path, settings: Settings) -> Path:
    """Write the body into a file. Raises UnsafeFile and SlowSender."""
    body = Body(request, patience_seconds=settings.sender_patience_seconds)
    size = 0
    with path.open("wb") as file:
        async for piece in body.pieces():
            size += len(piece)
            if size > LARGEST_FILE:
                raise UnsafeFile(what=f"it has more than {LARGEST_FILE} bytes")
            file.write(piece)
    if not size:
        raise Malformed(code="empty_body", cure="Send the file itself as the body.")
    return path


def _file_name(request: Request) -> str:
    """Give the name of the file, as the sender calls it."""
    named = request.query_params.get("file_name")
    if named is None:
        said = request.headers.get("content-disposition", "")
        found = re.search(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", said, re.IGNORECASE)
        named = unquote(found[1]) if found else "register"
    printable = "".join(letter for letter in named if letter.isprintable())
    return printable.replace("\\", "/").rpartition("/")[2][:_LONGEST_NAME] or "register"


def _wants_workbook(request: Request) -> bool:
    """Tell whether the faulty rows are wanted as a workbook."""
    return WORKBOOK in request.headers.get("accept", "").lower()
