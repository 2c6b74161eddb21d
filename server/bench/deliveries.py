"""Measure deliveries over HTTP against the same work done in this process.

A server runs as a program of its own on the same PostgreSQL. Lines are compared with taking the
same kind of lines in here; single events from many clients with appending from as many writers.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter, sleep

import httpx2
import orjson

from intake.cloudevents import read_lines
from server.bench.lines import Lines, Taking
from server.bench.row import Row
from server.bench.sending import LINES, Facts, serving, singly
from server.bench.turns import taken_in_turns
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings

BULK_AT_LEAST = 0.5
SINGLES_AT_LEAST = 0.3

_CLIENTS = 64
_PIECE = 2**18
_PAUSE_SECONDS = 0.05


def measure(conninfo: str, rounds: int, *, projects: int, each: int) -> list[Row]:
    """Send lines and single events over HTTP, and take the same in here, by turns.

    The lines tell of so many projects; `each` client sends so many single events.
    """
    lines, facts, waits = Lines(projects), Facts(_CLIENTS * each, _CLIENTS), list[float]()
    with serving(conninfo) as client, closing(Taking(conninfo)) as taking:
        client.post("/events", content=facts.projects(), headers=LINES).raise_for_status()
        contenders = {
            "here": lambda: taking.speed(lines.next()),
            "http": lambda: _streamed(client, lines.next()),
            "singly here": lambda: asyncio.run(_singly_here(conninfo, facts.next())),
            "singly": lambda: _singly_there(client, facts.next(), waits),
        }
        found = taken_in_turns(contenders, rounds)
    slow = sorted(waits)[int(len(waits) * 0.99)] * 1000
    return [
        Row(
            name="events as lines over HTTP",
            unit="events",
            ours=found.speed("http"),
            peer="the same lines in this process",
            theirs=found.speed("here"),
            ratio=found.ratio("http", "here"),
            bar=BULK_AT_LEAST,
        ),
        Row(
            name=f"{_CLIENTS} clients sending single events, p99 {slow:.0f} ms",
            unit="events",
            ours=found.speed("singly"),
            peer=f"{_CLIENTS} callers in this process",
            theirs=found.speed("singly here"),
            ratio=found.ratio("singly", "singly here"),
            bar=SINGLES_AT_LEAST,
        ),
    ]


def _streamed(client: httpx2.Client, file: bytes) -> float:
    """Send a file of lines as a stream, and give the events a second."""
    pieces = (file[at : at + _PIECE] for at in range(0, len(file), _PIECE))
    start = perf_counter()
    answer = client.post("/events", content=pieces, headers=LINES)
    spent = perf_counter() - start
    receipts = orjson.loads(answer.content)["receipts"]
    assert {receipt["status"] for receipt in receipts} == {"accepted"}, receipts[:1]
    return len(receipts) / spent


def _singly_there(client: httpx2.Client, said: Sequence[bytes], waits: list[float]) -> float:
    """Let the clients send, once the server has folded what the turns before have left."""
    while any(view["lag"] for view in client.get("/health").json()["projections"]):
        sleep(_PAUSE_SECONDS)
    return asyncio.run(singly(client, said, waits, _CLIENTS))


async def _singly_here(conninfo: str, said: Sequence[bytes]) -> float:
    """Let as many callers in this process take in one event after the other."""
    async with opened(Settings(data=Path(os.devnull)), conninfo) as house:
        facts = iter(list(read_lines(said)))

        async def send() -> None:
            for fact in facts:
                [receipt] = await house.intake.receive([fact], OPERATOR)
                assert receipt.event_id, receipt

        start = perf_counter()
        await asyncio.gather(*(send() for _ in range(_CLIENTS)))
        return len(said) / (perf_counter() - start)
