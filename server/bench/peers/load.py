"""Ask a server one question over and over through several connections, and time each answer.

Whoever asks runs on the same processors as who answers, so that what asking costs lets all servers
look more alike than they are; hence the faster event loop, and no more reading than is needed.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

CONNECTIONS = 16
_END_OF_HEADERS = b"\r\n\r\n"
_LENGTH = b"content-length:"


class UnexpectedAnswer(Exception):
    """A server answered with something else than before."""


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in a short time: how many answers, and how long each took, in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """Give the answers a second."""
        return len(self.latencies) / self.seconds


class _Asking(asyncio.Protocol):
    """One connection that asks again as soon as it has been answered."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self.latencies: list[float] = []
        self.body = b""
        self._request = request
        self._until = until
        self._done = done
        self._received = bytearray()
        self._expected = -1
        self._name = b""
        self._asked = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._asked = perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._expected < 0:
            self._expected = self._length()
        if self._expected < 0 or len(self._received) < self._expected:
            return
        now = perf_counter()
        self.latencies.append(now - self._asked)
        if not self.body:
            self.body = bytes(self._received)
        elif not self._received.startswith(b"HTTP/1.1 200"):
            self._finish(UnexpectedAnswer(bytes(self._received[:500])))
            return
        self._received.clear()
        self._expected = -1
        if now < self._until:
            self._ask()
        else:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or UnexpectedAnswer("the connection was closed"))

    def _length(self) -> int:
        """Give the length of the whole answer, or -1 while its head is not complete."""
        end = self._received.find(_END_OF_HEADERS)
        if end < 0:
            return -1
        # A server always writes the name of the header in the same letters.
        place = self._received.find(self._name, 0, end) if self._name else -1
        if place < 0:
            place = self._received[:end].lower().find(_LENGTH)
            if place < 0:
                raise UnexpectedAnswer(bytes(self._received[:end]))
            self._name = bytes(self._received[place : place + len(_LENGTH)])
        after = place + len(_LENGTH)
        length = self._received[after : self._received.find(b"\r", after)]
        return end + len(_END_OF_HEADERS) + int(length)

    def _finish(self, problem: Exception | None) -> None:
        if not self._done.done():
            if problem is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(problem)
        self._transport.close()


def request_of(port: int, body: bytes) -> bytes:
    """Give the bytes of a POST to /graphql."""
    return (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def ask(port: int, body: bytes) -> bytes:
    """Ask once and give the body of the answer."""
    asking = await _asked(port, body, seconds=0.0, connections=1)
    return asking[0].body.partition(_END_OF_HEADERS)[2]


async def window(port: int, body: bytes, seconds: float) -> Window:
    """Ask for some seconds over all connections."""
    started = perf_counter()
    asking = await _asked(port, body, seconds=seconds, connections=CONNECTIONS)
    spent = perf_counter() - started
    return Window(spent, tuple(taken for each in asking for taken in each.latencies))


async def _asked(port: int, body: bytes, *, seconds: float, connections: int) -> list[_Asking]:
    loop = asyncio.get_running_loop()
    until = perf_counter() + seconds
    request = request_of(port, body)
    asking, waiting = [], []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        each = _Asking(request, until, done)
        await loop.create_connection(partial(_given, each), "127.0.0.1", port)
        asking.append(each)
        waiting.append(done)
    await asyncio.gather(*waiting)
    return asking


def _given(protocol: _Asking) -> _Asking:
    return protocol
