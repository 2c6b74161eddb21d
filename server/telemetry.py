"""Tell OpenTelemetry about each request; needs the extra `telemetry`, so it is loaded by name."""

from time import time_ns

from api.request import Measured, Observer
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_SERVICE = "lifecycle-ledger"
_NANOSECONDS = 1_000_000_000
_PROPAGATOR = TraceContextTextMapPropagator()


def exporting() -> Observer:
    """Give what sends spans to where the standard variables of OpenTelemetry say."""
    provider = TracerProvider(resource=Resource.create({"service.name": _SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return teller(provider.get_tracer(_SERVICE))


def teller(tracer: Tracer) -> Observer:
    """Give what makes a span of each request, below the caller's own if it named one."""

    def tell(measured: Measured) -> None:
        ended = time_ns()
        carried = {"traceparent": measured.request.traceparent}
        span = tracer.start_span(
            f"{measured.kind} {measured.operation}".strip() or "graphql",
            context=_PROPAGATOR.extract(carried),
            kind=SpanKind.SERVER,
            start_time=ended - round(measured.seconds * _NANOSECONDS),
            attributes={
                "graphql.operation.name": measured.operation,
                "graphql.operation.type": measured.kind,
                "graphql.cost": measured.cost,
                "graphql.cached": measured.cached,
                "graphql.error.codes": list(measured.codes),
                "ledger.position": measured.position or 0,
                "ledger.request_id": measured.reference,
                "ledger.database_seconds": measured.database_seconds,
                "enduser.id": measured.request.caller,
            },
        )
        if measured.codes:
            span.set_status(Status(StatusCode.ERROR, measured.codes[0]))
        span.end(ended)

    return tell
