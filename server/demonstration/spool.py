"""Bring the deliveries of many books into one order of arrival without holding them in memory.

Each book is told, sorted and written to a file of its own; the files are read side by side and
merged. So memory holds one book at a time, however large the portfolio is.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import orjson

from server.demonstration.book import Book
from server.demonstration.deliveries import Arrival, arrivals

SEPARATOR = b" "
BUFFER = 2**16


@dataclass(frozen=True, slots=True)
class Spool:
    """All deliveries of a portfolio on disk, ready to be read once in order of arrival."""

    size: int
    files: list[Path]

    def read(self) -> Iterator[Arrival]:
        """Give the deliveries in order of arrival."""
        with ExitStack() as open_files:
            # Each file is in order; a line begins with its time, so that lines compare as times.
            yield from map(
                _read, merge(*(open_files.enter_context(_opened(f)) for f in self.files))
            )


@contextmanager
def spooled(books: Iterable[Book], told: Callable[[int], None] = lambda _: None) -> Iterator[Spool]:
    """Write the deliveries of all books to temporary files; say after each how many projects."""
    with TemporaryDirectory(prefix="lifecycle-portfolio-") as folder:
        files, size, projects = [], 0, 0
        for number, book in enumerate(books):
            file = Path(folder) / str(number)
            with file.open("wb", buffering=BUFFER) as target:
                written, registered = _write(book, target)
            files.append(file)
            size += written
            projects += registered
            told(projects)
        yield Spool(size, files)


def _opened(file: Path) -> BinaryIO:
    """Open a file for reading."""
    return file.open("rb", buffering=BUFFER)


def _write(book: Book, target: BinaryIO) -> tuple[int, int]:
    """Write the deliveries of a book; give how many they are, and how many projects they open."""
    written = 0
    registered: set[str] = set()
    for arrival in arrivals(book):
        flag = b"1" if arrival.awaited else b"0"
        parts = (arrival.received_at.encode(), flag, orjson.dumps(arrival.event))
        target.write(SEPARATOR.join(parts) + b"\n")
        written += 1
        if arrival.event["type"] == "ProjectRegistered":
            registered.add(arrival.event["id"].partition("#")[0])
    return written, len(registered)


def _read(line: bytes) -> Arrival:
    """Read one line."""
    moment, flag, event = line.split(SEPARATOR, 2)
    return Arrival(moment.decode(), flag == b"1", orjson.loads(event))
