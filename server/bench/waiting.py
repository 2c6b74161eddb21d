"""Measure what followers who wait for something else cost those who append meanwhile.

A server runs as a program of its own. One client sends it event after event, with and without a
thousand followers: a third wait for a kind, a third each for a stream of its own, and a third each
for a place of its own. Nothing of it comes.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import sleep

import httpx2

from server.bench.row import Row
from server.bench.sending import LINES, Facts, serving, singly
from server.bench.turns import taken_in_turns

AT_MOST = 1.1
_FOLLOWERS = 1_000
_PROJECTS = 8
_PAUSE_SECONDS = 0.1
_SETTLING_SECONDS = 1.0
_WISHES = ("kind=LedgerOpened", "stream=project/other-{}", "region=33{:04}")


def measure(conninfo: str, rounds: int, *, events: int) -> list[Row]:
    """Send so many events in each of so many rounds, with all the followers and with none."""
    facts = Facts(events, _PROJECTS)
    waits: dict[str, list[float]] = {"alone": [], "beside": []}
    with serving(conninfo) as client:
        client.post("/events", content=facts.projects(), headers=LINES).raise_for_status()

        def speed(name: str) -> float:
            """Give how often a second the usual append could be made."""
            now: list[float] = []
            asyncio.run(singly(client, facts.next(), now, clients=1))
            waits[name] += now
            return 1 / median(now)

        def beside() -> float:
            with _waiting(client, _FOLLOWERS):
                return speed("beside")

        # The first events of a server are slower than those that follow.
        asyncio.run(singly(client, facts.next(), [], clients=1))
        found = taken_in_turns({"alone": lambda: speed("alone"), "beside": beside}, rounds)
    p50, usual = (median(waits[name]) * 1000 for name in ("beside", "alone"))
    return [
        Row(
            name=f"appends beside {_FOLLOWERS:,} followers who wait, p50 {p50:.2f} ms",
            unit="events",
            ours=found.speed("beside"),
            peer=f"without them, p50 {usual:.2f} ms",
            theirs=found.speed("alone"),
            ratio=found.ratio("alone", "beside"),
            bar=AT_MOST,
            is_cost=True,
        )
    ]


@contextmanager
def _waiting(client: httpx2.Client, followers: int) -> Iterator[None]:
    """Let so many wait, each over a connection of its own."""
    host, _, port = str(client.base_url).removeprefix("http://").rstrip("/").partition(":")
    bearer = client.headers["authorization"]
    with ExitStack() as connections:
        for number in range(followers):
            wish = _WISHES[number % len(_WISHES)].format(number)
            found = socket.create_connection((host, int(port)))
            connections.enter_context(found)
            found.sendall(
                f"GET /events?{wish} HTTP/1.1\r\nHost: {host}\r\n"
                f"Accept: text/event-stream\r\nAuthorization: {bearer}\r\n\r\n".encode()
            )
        _until(client, followers)
        yield
    _until(client, 0)


def _until(client: httpx2.Client, followers: int) -> None:
    """Wait until the server has so many followers, and a while more until they wait at the end."""
    wanted = f"lifecycle_graphql_followers {followers:.1f}"
    while wanted not in client.get("/metrics").text.splitlines():
        sleep(_PAUSE_SECONDS)
    sleep(_SETTLING_SECONDS)
