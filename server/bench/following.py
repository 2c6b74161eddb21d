"""Measure what a follower who was away for long costs those who append meanwhile.

A server runs as a program of its own over a long ledger. A few clients send it single events, with
and without a follower who reads everything from the beginning as fast as it is given.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from statistics import median

import httpx2

from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
from server.bench.filling import fill
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.sending import LINES, Facts, serving, singly
from server.bench.turns import taken_in_turns

AT_LEAST = 0.5
_CLIENTS = 8
_PROJECTS_AT_ONCE = 2_000
_FOLLOWER = """
import socket, sys
host, port, bearer = sys.argv[1:]
found = socket.create_connection((host, int(port)))
found.sendall(
    f"GET /events?after=0 HTTP/1.1\\r\\nHost: {host}\\r\\nAccept: text/event-stream\\r\\n"
    f"Authorization: {bearer}\\r\\n\\r\\n".encode()
)
while piece := found.recv(1 << 18):
    print(piece.count(b"\\nid: "), flush=True)
"""
"""A program that reads events and says, piece by piece, how many there were."""


def measure(conninfo: str, rounds: int, *, events: int, each: int) -> list[Row]:
    """Fill the ledger with so many events, and let each client send so many by turns."""
    filled = asyncio.run(_filled(conninfo, events))
    Runner(conninfo, VIEWS).catch_up()
    Settler(conninfo).settle()
    facts = Facts(_CLIENTS * each, _CLIENTS)
    waits: dict[str, list[float]] = {"alone": [], "beside": []}
    read: list[float] = []
    with serving(conninfo) as client:
        client.post("/events", content=facts.projects(), headers=LINES).raise_for_status()

        def alone() -> float:
            return asyncio.run(singly(client, facts.next(), waits["alone"], _CLIENTS))

        def beside() -> float:
            with _follower(client) as counted:
                speed = asyncio.run(singly(client, facts.next(), waits["beside"], _CLIENTS))
                read.append(counted() * speed / (_CLIENTS * each))
            return speed

        found = taken_in_turns({"alone": alone, "beside": beside}, rounds)
    p50, p99 = (_milliseconds(waits["beside"], share) for share in (0.5, 0.99))
    usual50, usual99 = (_milliseconds(waits["alone"], share) for share in (0.5, 0.99))
    return [
        Row(
            name=(
                f"{_CLIENTS} clients beside a follower of {filled:,} events at {median(read):,.0f}"
                f" a second, p50 {p50:.1f} and p99 {p99:.0f} ms"
            ),
            unit="events",
            ours=found.speed("beside"),
            peer=f"without it, p50 {usual50:.1f} and p99 {usual99:.0f} ms",
            theirs=found.speed("alone"),
            ratio=found.ratio("beside", "alone"),
            bar=AT_LEAST,
        )
    ]


async def _filled(conninfo: str, events: int) -> int:
    """Tell the lives of projects until there are so many events, and give how many there are."""
    portfolio, told = Portfolio(), 0
    told += await fill(conninfo, portfolio.policies())
    for start in count(0, _PROJECTS_AT_ONCE):
        if told >= events:
            return told
        told += await fill(conninfo, portfolio.projects(start, _PROJECTS_AT_ONCE))
    raise AssertionError


@contextmanager
def _follower(client: httpx2.Client) -> Iterator[Callable[[], int]]:
    """Follow in a program of its own; give the function that counts what it read."""
    host, _, port = str(client.base_url).removeprefix("http://").rstrip("/").partition(":")
    command = [sys.executable, "-c", _FOLLOWER, host, port, client.headers["authorization"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        counted = 0
        try:
            # It has begun once it has read something.
            counted += int(follower.stdout.readline())

            def ended() -> int:
                follower.terminate()
                assert follower.stdout is not None
                return counted + sum(int(line) for line in follower.stdout if line.strip())

            yield ended
        finally:
            follower.terminate()


def _milliseconds(waits: list[float], share: float) -> float:
    """Give the wait that so large a share of all did not exceed."""
    return sorted(waits)[int((len(waits) - 1) * share)] * 1000
