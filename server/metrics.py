"""Count what is asked, for Prometheus: how long it took, what it cost, what was known already."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from api.request import Measured
from prometheus_client import CollectorRegistry, Gauge, Metric, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from server.bearer import refused_whole

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OTHER, _UNNAMED = "other", "unnamed"
_OK = "OK"


class _Spread:
    """How many of something took how long: a histogram that is cheap to add to."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_SECONDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one; a bound belongs to what is below it."""
        self.counts[bisect_left(_SECONDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Give how many took at most how long."""
        bounds = [*(str(bound) for bound in _SECONDS), "+Inf"]
        return list(zip(bounds, accumulate(self.counts), strict=True))


@dataclass(slots=True)
class _Counted:
    """The numbers of one operation."""

    seconds: _Spread = field(default_factory=_Spread)
    database: _Spread = field(default_factory=_Spread)
    cost: int = 0
    kept: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Metrics:
    """The numbers of one running program.

    Callers name their operations as they like, so only the names of trusted documents become
    labels; all others are counted together, however many there are. Every request is counted, few
    read the numbers: they get their form when somebody asks for them.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Start at zero; `names` are the operations that are counted by themselves."""
        self.registry = CollectorRegistry()
        self._names = frozenset(names)
        self._found: defaultdict[tuple[str, str], _Counted] = defaultdict(_Counted)
        self._position = 0
        self.registry.register(self)

    def observe(self, measured: Measured) -> None:
        """Count one request."""
        counted = self._found[self._label(measured.operation), measured.kind or "none"]
        counted.seconds.add(measured.seconds)
        counted.cost += measured.cost
        counted.outcomes[measured.codes[0] if measured.codes else _OK] += 1
        if measured.cached:
            counted.kept += 1
        elif measured.database_seconds:
            counted.database.add(measured.database_seconds)
        if measured.position is not None:
            self._position = measured.position

    def collect(self) -> Iterator[Metric]:
        """Give the numbers in the form of Prometheus."""
        labels = ("operation", "kind")
        seconds = HistogramMetricFamily(
            "lifecycle_graphql_seconds", "Seconds from a request to its answer", labels=labels
        )
        database = HistogramMetricFamily(
            "lifecycle_graphql_database_seconds",
            "Seconds of these that the database took",
            labels=labels,
        )
        cost = CounterMetricFamily("lifecycle_graphql_cost", "Objects asked for", labels=labels)
        kept = CounterMetricFamily(
            "lifecycle_graphql_cache_hits", "Answers that were kept from before", labels=labels
        )
        outcomes = CounterMetricFamily(
            "lifecycle_graphql_requests",
            "Requests by the code of their first error, or OK",
            labels=(*labels, "code"),
        )
        for names, counted in self._found.items():
            seconds.add_metric(names, counted.seconds.buckets(), counted.seconds.total)
            database.add_metric(names, counted.database.buckets(), counted.database.total)
            cost.add_metric(names, counted.cost)
            kept.add_metric(names, counted.kept)
            for code, times in counted.outcomes.items():
                outcomes.add_metric((*names, code), times)
        yield from (seconds, database, cost, kept, outcomes)
        yield GaugeMetricFamily(
            "lifecycle_graphql_position",
            "The last position at which an answer was true",
            self._position,
        )

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Show a number that is looked up when somebody asks."""
        Gauge(f"lifecycle_{name}", meaning, registry=self.registry).set_function(value)

    def _label(self, operation: str) -> str:
        if not operation:
            return _UNNAMED
        return operation if operation in self._names else _OTHER

    def text(self) -> bytes:
        """Write everything in the text format of Prometheus."""
        return generate_latest(self.registry)


async def show_metrics(request: Request) -> Response:
    """Answer `/metrics`; who is limited to regions learns nothing of all the others."""
    refusal = refused_whole(request, "metrics")
    if refusal is not None:
        return refusal
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
