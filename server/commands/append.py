"""`lifecycle append`: take facts in from a file or from stdin."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import orjson
import typer

from domain.errors import NotFound
from domain.receipt import Receipt, Status
from intake.cloudevents import read_document, read_lines
from intake.delivery import Parsed
from intake.lines import lines_of
from server.database import database
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings, from_environment
from server.stopping import run, stoppable
from server.terminal import REFUSED, AsJson, Data, out, print_table, progress

BATCH = 5_000
PIECE = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TROUBLE = frozenset({Status.QUARANTINED, Status.REJECTED})
SHOWN = 20


class NoSuchFile(NotFound):
    """The file {value} cannot be read: {reason}."""

    code = "no_such_file"
    cure = "Name a file with CloudEvents, or - for stdin."


def append(
    *,
    file: Annotated[str, typer.Argument(help="A file of CloudEvents; - means stdin.")] = "-",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Append facts: CloudEvents as one JSON object, as an array, or one a line (NDJSON).

    Each fact gets a receipt; with --json one a line on stdout. Ends with code 1 if something was
    rejected or quarantined.
    """
    settings = from_environment(data=data)
    with _source(file) as source, database(settings) as conninfo:
        receipts = run(_append(settings, conninfo, source, as_json=as_json))
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


async def _append(
    settings: Settings, conninfo: str, source: IO[bytes], *, as_json: bool
) -> Counter[Status]:
    """Send the facts in batches and report; give how often each status was answered."""
    counts: Counter[Status] = Counter()
    trouble: list[tuple[int, Receipt]] = []
    async with opened(settings, conninfo) as house:
        with progress("Appending") as move:
            batches = _batches(_read(source))
            while batch := _next(batches):
                for receipt in await house.intake.receive(batch, OPERATOR):
                    index = counts.total()
                    counts[receipt.status] += 1
                    if as_json:
                        typer.echo(orjson.dumps(receipt.as_json(index)).decode())
                    elif receipt.status in TROUBLE and len(trouble) < SHOWN:
                        trouble.append((index, receipt))
                move(counts.total(), 0)
    if not as_json:
        _report(counts, trouble)
    return counts


def _next(batches: Iterator[list[Parsed]]) -> list[Parsed]:
    """Wait for the next batch; a signal ends the wait for a writer who is silent."""
    with stoppable():
        return next(batches, [])


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


def _read(source: IO[bytes]) -> Iterator[Parsed]:
    """Read facts from lines, or from a document that is spread over several."""
    start = source.readline().removeprefix(BYTE_ORDER_MARK)
    while start.isspace():
        start = source.readline()
    if _is_one_line(start):
        yield from read_lines(lines_of(_pieces(start, source)))
    elif start:
        yield from read_document(start + source.read())


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


def _pieces(start: bytes, source: IO[bytes]) -> Iterator[bytes]:
    """Give a stream again whose first line was read already."""
    yield start
    while piece := source.read(PIECE):
        yield piece


def _batches(facts: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    """Gather facts into batches that are appended together."""
    batch: list[Parsed] = []
    for fact in facts:
        batch.append(fact)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
