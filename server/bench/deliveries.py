"""Measure deliveries over HTTP against the same work done in this process.

A server runs as a program of its own on the same PostgreSQL. Lines are compared with taking the
same kind of lines in here; single events from many clients with appending from as many writers.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx2
import orjson
from psycopg import AsyncConnection

from intake import tokens
from intake.cloudevents import read_lines
from ledger.clock import utc_now
from server.bench.lines import Lines, Taking
from server.bench.row import Row
from server.bench.turns import taken_in_turns
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings

BULK_AT_LEAST = 0.5
SINGLES_AT_LEAST = 0.3

_CLIENTS = 64
_PIECE = 2**18
_PATIENCE_SECONDS = 60
_ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")
_LINES = {"Content-Type": "application/x-ndjson"}
_ONE = {"Content-Type": "application/cloudevents+json"}


def measure(conninfo: str, rounds: int, *, projects: int, each: int) -> list[Row]:
    """Send lines and single events over HTTP, and take the same in here, by turns.

    The lines tell of so many projects; `each` client sends so many single events.
    """
    lines, facts, waits = Lines(projects), _Facts(_CLIENTS * each), list[float]()
    with _serving(conninfo) as client, closing(Taking(conninfo)) as taking:
        client.post("/events", content=facts.projects(), headers=_LINES).raise_for_status()
        contenders = {
            "here": lambda: taking.speed(lines.next()),
            "http": lambda: _streamed(client, lines.next()),
            "singly here": lambda: asyncio.run(_singly_here(conninfo, facts.next())),
            "singly": lambda: asyncio.run(_singly(client, facts.next(), waits)),
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


@contextmanager
def _serving(conninfo: str) -> Iterator[httpx2.Client]:
    """Run a server on a port of its own, and give a client with a token."""
    token = asyncio.run(_token(conninfo))
    command = [str(Path(sys.executable).with_name("lifecycle")), "serve", "--port", "0", "--json"]
    with TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": conninfo, "LIFECYCLE_DATA": folder}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as server:
            try:
                address = _address(server)
                headers = {"Authorization": f"Bearer {token}"}
                with httpx2.Client(
                    base_url=address, headers=headers, timeout=_PATIENCE_SECONDS
                ) as client:
                    yield client
            finally:
                server.terminate()


def _address(server: "subprocess.Popen[bytes]") -> str:
    """Wait until the server says where it is."""
    assert server.stdout is not None
    for line in server.stdout:
        found = _ADDRESS.search(line.decode())
        if found:
            return found[0]
    message = "The server did not start."
    raise RuntimeError(message)


async def _token(conninfo: str) -> str:
    """Make a token that may send."""
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        return (await tokens.issue(connection, OPERATOR, label="bench", at=utc_now())).secret


def _streamed(client: httpx2.Client, file: bytes) -> float:
    """Send a file of lines as a stream, and give the events a second."""
    pieces = (file[at : at + _PIECE] for at in range(0, len(file), _PIECE))
    start = perf_counter()
    answer = client.post("/events", content=pieces, headers=_LINES)
    spent = perf_counter() - start
    receipts = orjson.loads(answer.content)["receipts"]
    assert {receipt["status"] for receipt in receipts} == {"accepted"}, receipts[:1]
    return len(receipts) / spent


async def _singly(client: httpx2.Client, said: Sequence[bytes], waits: list[float]) -> float:
    """Let many clients send one event after the other, and give the events a second."""
    events = iter(said)
    host, _, port = str(client.base_url).removeprefix("http://").rstrip("/").partition(":")
    bearer = client.headers["authorization"]

    async def send() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for event in events:
            began = perf_counter()
            head = (
                f"POST /events HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer}\r\n"
                f"Content-Type: {_ONE['Content-Type']}\r\nContent-Length: {len(event)}\r\n\r\n"
            )
            writer.write(head.encode() + event)
            answer = await _answer(reader)
            waits.append(perf_counter() - began)
            assert b'"accepted"' in answer, answer
        writer.close()
        await writer.wait_closed()

    start = perf_counter()
    await asyncio.gather(*(send() for _ in range(_CLIENTS)))
    return len(said) / (perf_counter() - start)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer whose length its head says."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"content-length: ([0-9]+)", head, re.IGNORECASE)
    assert found is not None, head
    return await reader.readexactly(int(found[1]))


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


class _Facts:
    """Writes single facts about some projects, each a record of its own."""

    def __init__(self, count: int) -> None:
        """Tell so many facts at once."""
        self._count = count
        self._told = 0

    def projects(self) -> bytes:
        """Give the lines that register the projects."""
        data = {
            "title": "A project to measure with",
            "district": "320582",
            "industry_gb4754": "3391",
            "stage": "negotiating",
        }
        return b"\n".join(
            _event("ProjectRegistered", f"register-{number}", number, data)
            for number in range(_CLIENTS)
        )

    def next(self) -> list[bytes]:
        """Give the next facts."""
        start, self._told = self._told, self._told + self._count
        return [
            _event("LandDelivered", f"{number}", number % _CLIENTS, {"parcel_id": f"P-{number}"})
            for number in range(start, self._told)
        ]


def _event(kind: str, record: str, project: int, data: dict[str, str]) -> bytes:
    """Write one event."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": kind,
            "source": "/sources/bench",
            "id": f"single-{record}#1",
            "subject": f"project/single-{project}",
            "occurredon": "2024-06-11",
            "data": data,
        }
    )
