"""Run a server as a program of its own, and let clients send it single events one after another."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx2
import orjson
from psycopg import AsyncConnection

from intake import tokens
from ledger.clock import utc_now
from server.operator import OPERATOR

LINES = {"Content-Type": "application/x-ndjson"}
_ONE = {"Content-Type": "application/cloudevents+json"}
_PATIENCE_SECONDS = 60
_ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")


@contextmanager
def serving(conninfo: str) -> Iterator[httpx2.Client]:
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


async def singly(
    client: httpx2.Client, said: Sequence[bytes], waits: list[float], clients: int
) -> float:
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
    await asyncio.gather(*(send() for _ in range(clients)))
    return len(said) / (perf_counter() - start)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer whose length its head says."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"content-length: ([0-9]+)", head, re.IGNORECASE)
    assert found is not None, head
    return await reader.readexactly(int(found[1]))


class Facts:
    """Writes single facts about some projects, each a record of its own."""

    def __init__(self, count: int, projects: int) -> None:
        """Tell so many facts at once, about so many projects by turns."""
        self._count = count
        self._projects = projects
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
            for number in range(self._projects)
        )

    def next(self) -> list[bytes]:
        """Give the next facts."""
        start, self._told = self._told, self._told + self._count
        return [
            _event(
                "LandDelivered", f"{number}", number % self._projects, {"parcel_id": f"P-{number}"}
            )
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
