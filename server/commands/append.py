"""`lifecycle append`: take facts in from a file or from stdin."""

import asyncio
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Annotated

import httpx2
import orjson
import typer

from domain.errors import LedgerError, Malformed, NotFound
from domain.receipt import Receipt, Status
from intake.batch import Batch
from intake.cloudevents import read_document
from intake.feed import Feed, feeding
from intake.lines import LineSplitter
from server.client import LedgerClient, LedgerRefused
from server.database import database
from server.house import opened
from server.operator import OPERATOR
from server.pieces import pieces_of
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, err, out, print_table, progress

BATCH = 5_000
"""So many facts are appended together, which is as many as the ledger commits at once."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TROUBLE = frozenset({Status.QUARANTINED, Status.REJECTED})
SHOWN = 20


class NoSuchFile(NotFound):
    """The file {value} cannot be read: {reason}."""

    code = "no_such_file"
    cure = "Name a file with CloudEvents, or - for stdin."


class ServerRefused(LedgerError):
    """The server at {value} does not take the facts: {what}."""

    code = "server_refused"
    cure = "Check the address and the token; what was sent may be sent again."


def append(
    *,
    file: Annotated[str, typer.Argument(help="A file of CloudEvents; - means stdin.")] = "-",
    to: Annotated[
        str | None, typer.Option("--to", help="Send to a running server, as http://host:8000.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="LIFECYCLE_TOKEN", help="The token for --to; default: data/token."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Append facts: CloudEvents as one JSON object, as an array, or one a line (NDJSON).

    Each fact gets a receipt; with --json one a line on stdout. All facts are one batch, whose
    receipts stay: `lifecycle batch show`. Ends with code 1 if something was rejected or
    quarantined.
    """
    settings = from_environment(data=data)
    with _source(file) as source:
        if to is not None:
            receipts = _append_to(to, token or _own_token(settings), source, as_json=as_json)
        else:
            name = None if file == "-" else Path(file).name
            with database(settings, may_begin=True) as conninfo:
                receipts = run(_append(settings, conninfo, source, name, as_json=as_json))
    if any(receipts[status] for status in TROUBLE):
        raise typer.Exit(REFUSED)


def _source(file: str) -> IO[bytes]:
    """Open what is to be appended. Raises NoSuchFile."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise NoSuchFile(value=file, reason=error.strerror) from error


def _own_token(settings: Settings) -> str | None:
    """Give the token in the data folder, if there is one."""
    return settings.token.read_text("utf-8").strip() if settings.token.is_file() else None


def _append_to(
    address: str, token: str | None, source: IO[bytes], *, as_json: bool
) -> Counter[Status]:
    """Send the facts to a running server. Raises ServerRefused."""
    told, batch = _Told(as_json=as_json), str(uuid.uuid4())
    try:
        with LedgerClient(address, token) as ledger, progress("Appending") as move:
            for answer in ledger.append(_lines_of(source), batch=batch):
                answer.pop("index", None)
                status = Status(answer.pop("status"))
                known = {name: answer.get(name) for name in Receipt.__struct_fields__[1:]}
                told.tell([Receipt(status, **known)])
                move(told.total, 0)
    except LedgerRefused as error:
        raise ServerRefused(value=address, what=str(error)) from error
    except httpx2.HTTPError as error:
        raise ServerRefused(value=address, what=str(error) or type(error).__name__) from error
    if not as_json:
        _report(told.counts, told.trouble)
    _name(batch, told)
    return told.counts


def _lines_of(source: IO[bytes]) -> Iterator[bytes]:
    """Give one event a line, also of a document that is spread over several. Raises Malformed."""
    first = source.readline().removeprefix(BYTE_ORDER_MARK)
    while first.isspace():
        first = source.readline()
    if _is_one_line(first):
        yield first.strip()
        yield from (line.strip() for line in source if not line.isspace())
        return
    try:
        document = orjson.loads(first + source.read()) if first else []
    except orjson.JSONDecodeError as error:
        cure = "Write CloudEvents as one JSON object, as an array, or one a line."
        raise Malformed(code="not_json", field="file", cure=cure) from error
    for event in document if isinstance(document, list) else [document]:
        yield orjson.dumps(event)


async def _append(
    settings: Settings, conninfo: str, source: IO[bytes], name: str | None, *, as_json: bool
) -> Counter[Status]:
    """Send the facts as one batch and report; give how often each status was answered."""
    told = _Told(as_json=as_json)
    async with opened(settings, conninfo) as house:
        batch = Batch(house.intake, house.book, OPERATOR, door="command", file_name=name)
        async with _accounted(batch):
            with progress("Appending") as move:
                async with feeding(
                    house.intake, OPERATOR, checker=house.checker, batch=batch
                ) as feed:
                    async for receipts in _fed(feed, source):
                        told.tell(receipts)
                        move(told.total, 0)
                    told.tell(await feed.finish())
                    move(told.total, 0)
    if not as_json:
        _report(told.counts, told.trouble)
    _name(batch.id, told)
    return told.counts


@asynccontextmanager
async def _accounted(batch: Batch) -> AsyncIterator[None]:
    """Say in the end how a batch ended; one without a row is none."""
    try:
        yield
    except BaseException:
        if batch.rows:
            await asyncio.shield(batch.end("broken"))
        raise
    if batch.rows:
        await batch.end()


def _name(batch: str, told: "_Told") -> None:
    """Say under which name the receipts can be asked for again."""
    if told.total:
        err.print(f"batch {batch}", markup=False)


class _Told:
    """What became of the facts so far."""

    def __init__(self, *, as_json: bool) -> None:
        """Begin with nothing."""
        self._as_json = as_json
        self.total = 0
        self.counts: Counter[Status] = Counter()
        self.trouble: list[tuple[int, Receipt]] = []

    def tell(self, receipts: list[Receipt]) -> None:
        """Write receipts for programs, or keep what a person should see of them."""
        for index, receipt in enumerate(receipts, self.total):
            if self._as_json:
                typer.echo(orjson.dumps(receipt.as_json(index)).decode())
            elif receipt.status in TROUBLE and len(self.trouble) < SHOWN:
                self.trouble.append((index, receipt))
        self.total += len(receipts)
        self.counts.update(receipt.status for receipt in receipts)


def _report(counts: Counter[Status], trouble: list[tuple[int, Receipt]]) -> None:
    """Say what became of the facts, and what was wrong with the first that were refused."""
    if trouble:
        print_table(
            "Not appended",
            ("index", "status", "code", "field", "value", "cure"),
            [
                (
                    index,
                    receipt.status.value,
                    receipt.code,
                    receipt.field,
                    receipt.value,
                    receipt.cure,
                )
                for index, receipt in trouble
            ],
        )
    parts = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
    out.print(f"{counts.total()} facts: {', '.join(parts)}" if parts else "No facts in the input.")


async def _fed(feed: Feed, source: IO[bytes]) -> AsyncIterator[list[Receipt]]:
    """Feed facts from lines, or from a document that is spread over several."""
    pieces = pieces_of(source)
    start = await _start(pieces)
    if _is_one_line(start.partition(b"\n")[0]):
        splitter = LineSplitter()
        lines = list(splitter.feed(start))
        async for piece in pieces:
            if len(lines) >= BATCH:
                yield await feed.give_lines(lines)
                lines = []
            lines += splitter.feed(piece)
        yield await feed.give_lines([*lines, *splitter.end()])
    elif start:
        facts = read_document(start + b"".join([piece async for piece in pieces]))
        while batch := list(islice(facts, BATCH)):
            yield await feed.give(batch)


async def _start(pieces: AsyncIterator[bytes]) -> bytes:
    """Give the beginning of a stream, with at least the first line that is not blank."""
    start = bytearray()
    async for piece in pieces:
        start += piece
        if b"\n" in piece and b"\n" in start.removeprefix(BYTE_ORDER_MARK).lstrip():
            break
    return bytes(start.removeprefix(BYTE_ORDER_MARK).lstrip())


def _is_one_line(start: bytes) -> bool:
    """Tell whether a first line is an event by itself, so that others may follow."""
    if not start.lstrip().startswith(b"{"):
        return False
    try:
        orjson.loads(start)
    except orjson.JSONDecodeError:
        # Either a document over several lines, or a broken line among others.
        return start.rstrip().endswith(b"}")
    return True
