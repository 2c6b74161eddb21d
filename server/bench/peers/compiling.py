"""Measure how long a document takes that was never seen before: read, validated and compiled."""

from statistics import median
from time import perf_counter

from api.contract import Contract
from api.preparation import Preparation
from api.weight import Limits

from server.bench.peers.shapes import OURS, SHAPES
from server.bench.row import Row

MILLISECONDS_AT_MOST = 20.0
_TIMES = 20


def measure(contract: Contract) -> Row:
    """Compile each question many times under names of its own, and give the slowest median."""
    preparation = Preparation(contract, Limits())
    slowest = max(
        median(
            _compiled(preparation, shape.texts[OURS], dict(shape.variables)) for _ in range(_TIMES)
        )
        for shape in SHAPES
    )
    return Row(
        name="compiling a new document",
        unit="ms",
        ours=slowest * 1000,
        peer="what is allowed",
        theirs=MILLISECONDS_AT_MOST,
        ratio=slowest * 1000 / MILLISECONDS_AT_MOST,
        bar=1.0,
        is_cost=True,
    )


def _compiled(preparation: Preparation, text: str, variables: dict[str, object]) -> float:
    started = perf_counter()
    # A comment makes the text a new one without changing what it asks.
    prepared = preparation.prepared(f"{text} # {started}", None)
    prepared.plan(prepared.variables(variables))
    return perf_counter() - started
