"""Compare the servers question by question, in short windows that take turns."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from statistics import median
from typing import Any

import orjson
import uvloop

from server.bench.peers.load import Window, ask, window
from server.bench.peers.servers import OURS_CACHED
from server.bench.peers.shapes import (
    ASKED,
    BARE,
    BOARD,
    DAY,
    FINISHED,
    KEPT_BOARD,
    MERCURIUS,
    OURS,
    POSTGRAPHILE,
    SHAPES,
    Shape,
    levelled,
)
from server.bench.row import Row

BARS = {POSTGRAPHILE: 3.0, MERCURIUS: 1.5, BARE: 0.9}
"""How fast we want to be beside those who read the same tables as we do.

None of them keeps a board, so that they count theirs at each question, from the projects that we
judge. Beside that they are given our own counted board to read; and tables of their own, judged
before. Then they read what somebody else would have to keep for them, which is more than the bars
are about.
"""
PEERS = (*BARS, *FINISHED)
CACHED_AT_LEAST = 5.0
PAST_AT_MOST = 1.5
_COUNTING = "geometric mean of the four questions"
_READING = "the same, peers read the board that we keep"
_WARM_SECONDS = 1.0
_MILLISECOND = 0.001


class DifferentAnswers(Exception):
    """Two servers answer one question differently."""


@dataclass(slots=True)
class Found:
    """The windows of each server on one question."""

    windows: dict[str, list[Window]] = field(default_factory=lambda: defaultdict(list))

    def speed(self, server: str) -> float:
        """Give the median of the windows' answers a second."""
        return median(each.per_second for each in self.windows[server])

    def ratio(self, server: str, other: str) -> float:
        """Give the median of the rounds' ratios."""
        pairs = zip(self.windows[server], self.windows[other], strict=True)
        return median(ours.per_second / theirs.per_second for ours, theirs in pairs)

    def slowest(self, server: str) -> float:
        """Give the time within which 99 of 100 answers came, over all windows."""
        taken = sorted(each for one in self.windows[server] for each in one.latencies)
        return taken[min(len(taken) - 1, len(taken) * 99 // 100)]


def compare(ports: Mapping[str, int], *, rounds: int, seconds: float) -> dict[str, Found]:
    """Insist that all servers answer alike, then let them take turns. Raises DifferentAnswers."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        found = {}
        for shape in ASKED:
            bodies = {server: shape.body(_speaks(server)) for server in ports}
            loop.run(_check(shape, ports, bodies))
            found[shape.name] = loop.run(_turns(ports, bodies, rounds, seconds))
        return found


def _speaks(server: str) -> str:
    return OURS if server == OURS_CACHED else server


async def _check(shape: Shape, ports: Mapping[str, int], bodies: Mapping[str, bytes]) -> None:
    answers: dict[str, Any] = {}
    for server, port in ports.items():
        await window(port, bodies[server], _WARM_SECONDS)
        answers[server] = levelled(orjson.loads(await ask(port, bodies[server])).get("data"))
    expected = answers[OURS]
    for server, answer in answers.items():
        if answer != expected or not answer:
            message = f"{shape.name}: {server} says {str(answer)[:300]}, not {str(expected)[:300]}"
            raise DifferentAnswers(message)


async def _turns(
    ports: Mapping[str, int], bodies: Mapping[str, bytes], rounds: int, seconds: float
) -> Found:
    found = Found()
    order, chance = list(ports), random.Random(rounds)
    for _ in range(rounds):
        chance.shuffle(order)
        for server in order:
            found.windows[server].append(await window(ports[server], bodies[server], seconds))
    return found


def past(ports: Mapping[str, int], known: int, *, rounds: int, seconds: float) -> Row:
    """Compare the first question of the past with that of the present."""
    shape = SHAPES[0]
    present = shape.body(OURS)
    text = shape.texts[OURS].replace(
        f'asOf: {{ on: "{DAY}" }}', f'asOf: {{ knownPosition: {known}, on: "{DAY}" }}'
    )
    then = orjson.dumps({"query": text, "variables": shape.variables})
    contenders = {"past": ports[OURS], "present": ports[OURS]}
    bodies = {"past": then, "present": present}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        for body in bodies.values():
            loop.run(window(ports[OURS], body, _WARM_SECONDS))
        found = loop.run(_turns(contenders, bodies, rounds, seconds))
    return Row(
        name=f"{shape.name}, as of the past",
        unit="answers",
        ours=found.speed("past"),
        peer="as of the present",
        theirs=found.speed("present"),
        ratio=found.ratio("present", "past"),
        bar=PAST_AT_MOST,
        is_cost=True,
    )


def rows_of(found: Mapping[str, Found]) -> Sequence[Row]:
    """Put what was found into lines: each question, then what is wanted of all of them."""
    rows = [_speed_row(name, one, server) for name, one in found.items() for server in PEERS]
    counting = [found[shape.name] for shape in SHAPES]
    reading = [found[(KEPT_BOARD if shape is BOARD else shape).name] for shape in SHAPES]
    rows += [_mean_row(_COUNTING, counting, server, BARS.get(server)) for server in PEERS]
    rows += [_mean_row(_READING, reading, server, None) for server in PEERS]
    rows += [_slowest_row(name, one, server) for name, one in found.items() for server in PEERS]
    first = found[SHAPES[0].name]
    cached = Row(
        name=f"{SHAPES[0].name}, cached",
        unit="answers",
        ours=first.speed(OURS_CACHED),
        peer="not cached",
        theirs=first.speed(OURS),
        ratio=first.ratio(OURS_CACHED, OURS),
        bar=CACHED_AT_LEAST,
    )
    return [*rows, cached]


def _speed_row(name: str, one: Found, server: str) -> Row:
    return Row(
        name=name,
        unit="answers",
        ours=one.speed(OURS),
        peer=server,
        theirs=one.speed(server),
        ratio=one.ratio(OURS, server),
        bar=None,
    )


def _mean_row(name: str, found: Sequence[Found], server: str, bar: float | None) -> Row:
    return Row(
        name=name,
        unit="answers",
        ours=_mean([one.speed(OURS) for one in found]),
        peer=server,
        theirs=_mean([one.speed(server) for one in found]),
        ratio=_mean([one.ratio(OURS, server) for one in found]),
        bar=bar,
    )


def _slowest_row(name: str, one: Found, server: str) -> Row:
    ours, theirs = one.slowest(OURS), one.slowest(server)
    return Row(
        name=f"{name}, 99 of 100 within",
        unit="ms",
        ours=ours / _MILLISECOND,
        peer=server,
        theirs=theirs / _MILLISECOND,
        ratio=ours / theirs,
        bar=1.0 if server in (POSTGRAPHILE, MERCURIUS) and name != KEPT_BOARD.name else None,
        is_cost=True,
    )


def _mean(values: Sequence[float]) -> float:
    return float(prod(values) ** (1 / len(values)))
