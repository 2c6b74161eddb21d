"""Count what is asked, for Prometheus: how long it took, what it cost, what was known already."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from api.request import Measured
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from server.bearer import refused_whole

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OTHER, _UNNAMED = "other", "unnamed"
_OK = "OK"


class _Counted(NamedTuple):
    """The numbers of one operation."""

    seconds: Histogram
    database: Histogram
    cost: Counter
    fine: Counter


class Metrics:
    """The numbers of one running program.

    Callers name their operations as they like, so only the names of trusted documents become
    labels; all others are counted together, however many there are.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Start at zero; `names` are the operations that are counted by themselves."""
        self.registry = CollectorRegistry()
        self._names = frozenset(names)
        self._found: dict[tuple[str, str], _Counted] = {}
        labels = ("operation", "kind")
        self._seconds = Histogram(
            "lifecycle_graphql_seconds",
            "Seconds from a request to its answer",
            labels,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._database = Histogram(
            "lifecycle_graphql_database_seconds",
            "Seconds of these that the database took",
            labels,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._cost = Counter(
            "lifecycle_graphql_cost", "Objects asked for", labels, registry=self.registry
        )
        self._kept = Counter(
            "lifecycle_graphql_cache_hits",
            "Answers that were kept from before",
            labels,
            registry=self.registry,
        )
        self._outcomes = Counter(
            "lifecycle_graphql_requests",
            "Requests by the code of their first error, or OK",
            (*labels, "code"),
            registry=self.registry,
        )
        self._position = Gauge(
            "lifecycle_graphql_position",
            "The last position at which an answer was true",
            registry=self.registry,
        )

    def observe(self, measured: Measured) -> None:
        """Count one request."""
        labels = (self._label(measured.operation), measured.kind or "none")
        counted = self._counted(labels)
        counted.seconds.observe(measured.seconds)
        counted.cost.inc(measured.cost)
        if measured.codes:
            self._outcomes.labels(*labels, measured.codes[0]).inc()
        else:
            counted.fine.inc()
        if measured.cached:
            self._kept.labels(*labels).inc()
        elif measured.database_seconds:
            counted.database.observe(measured.database_seconds)
        if measured.position is not None:
            self._position.set(measured.position)

    def _counted(self, labels: tuple[str, str]) -> "_Counted":
        """Find what counts an operation, without looking each number up by its labels."""
        counted = self._found.get(labels)
        if counted is None:
            counted = self._found[labels] = _Counted(
                self._seconds.labels(*labels),
                self._database.labels(*labels),
                self._cost.labels(*labels),
                self._outcomes.labels(*labels, _OK),
            )
        return counted

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
