"""Measure how soon what is appended can be proved, and how long evidence about a project takes."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter
from typing import NamedTuple

import psycopg

from domain.draft import Draft
from ledger.evidence.collect import Scope
from ledger.ledger import Ledger
from server.bench.row import Row, against_seconds
from server.bundling import hand_out
from server.house import opened
from server.settings import Settings
from server.signer import Signer

_RATE = 2_000
_GROUP = 100
_COVERED_SECONDS, _BUNDLE_SECONDS = 1.5, 1.0
_BUNDLES = 3
_PROJECT_EVENTS = 50
PROJECT = "project/bundled"
"""The stream of the project that evidence is about."""

Drafts = Callable[[int, str | None], list[Draft]]
"""Makes so many drafts, all in one stream if one is named."""


class _Seen(NamedTuple):
    """A size, and when it was known to be appended or covered by a checkpoint."""

    size: int
    at: float


def covered(database: str, settings: Settings, drafts: Drafts, *, seconds: float) -> Row:
    """Append at a steady rate while the signer runs; what counts is the slowest event."""
    signed: list[_Seen] = []
    with Signer(settings, database).running(), _watched(database, signed):
        # The first round makes the key and signs all there is.
        _wait_until(lambda: bool(signed))
        appended = asyncio.run(_steadily(database, drafts, seconds))
        _wait_until(lambda: signed[-1].size >= appended[-1].size)
    late = max(
        next(each.at for each in signed if each.size >= done.size) - done.at for done in appended
    )
    name = f"a checkpoint covers each of {_RATE:,} events appended a second"
    return against_seconds(name, "checkpoints", 1 / max(late, 0.001), _COVERED_SECONDS)


async def _steadily(database: str, drafts: Drafts, seconds: float) -> list[_Seen]:
    """Append groups at their times, and give when each was durable."""
    ledger = await Ledger.open(database)
    groups = [drafts(_GROUP, None) for _ in range(round(seconds * _RATE / _GROUP))]
    appended: list[_Seen] = []
    start = monotonic()

    async def append(number: int, group: list[Draft]) -> None:
        await asyncio.sleep(start + number * _GROUP / _RATE - monotonic())
        receipts = await ledger.append(group)
        size = max(receipt.position or 0 for receipt in receipts)
        appended.append(_Seen(size, monotonic()))

    await asyncio.gather(*(append(number, group) for number, group in enumerate(groups)))
    await ledger.close()
    return sorted(appended)


@contextmanager
def _watched(database: str, signed: list[_Seen]) -> Iterator[None]:
    """Note every checkpoint as it comes, for the length of a `with`."""
    stopping = threading.Event()

    def watch() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            while not stopping.wait(0.01):
                row = connection.execute("SELECT max(size) FROM ledger.checkpoints").fetchone()
                size = row[0] if row else None
                if size is not None and (not signed or signed[-1].size < size):
                    signed.append(_Seen(size, monotonic()))

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a checkpoint."""
    end = monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            message = "no checkpoint came"
            raise TimeoutError(message)
        threading.Event().wait(0.01)


def bundled(database: str, settings: Settings, drafts: Drafts) -> Row:
    """Hand out the evidence of a project whose last event nothing has closed yet."""

    async def hand_out_all(folder: Path) -> tuple[list[float], int]:
        taken, size = [], 0
        async with opened(settings, database) as house:
            await house.ledger.append(drafts(_PROJECT_EVENTS, PROJECT))
            for number in range(_BUNDLES):
                await house.ledger.append(drafts(1, PROJECT))
                start = perf_counter()
                target = folder / f"{number}.zip"
                told = await hand_out(house, target, Scope(PROJECT), with_names=False)
                taken.append(perf_counter() - start)
                size = told["size"]
        return taken, size

    with tempfile.TemporaryDirectory() as folder:
        taken, size = asyncio.run(hand_out_all(Path(folder)))
    name = f"bundle of a project of {_PROJECT_EVENTS} events among {size:,}"
    return against_seconds(name, "bundles", 1 / median(taken), _BUNDLE_SECONDS)
