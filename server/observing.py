"""Let everybody who wants to know of requests be told of each."""

import os
from collections.abc import Mapping
from importlib import import_module

from api.request import Measured, Observer

from domain.errors import Refused
from server.metrics import Metrics
from server.request_log import request_log, wanted_from_environment

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class NoTelemetry(Refused):
    """OpenTelemetry is pointed at {value}, and is not installed."""

    code = "no_telemetry"
    field = "OTEL_EXPORTER_OTLP_ENDPOINT"
    cure = "Install the extra `telemetry` of this program, or unset the variable."


def observer(metrics: Metrics) -> Observer:
    """Give what counts a request, writes it down and traces it, as far as each is wanted."""
    told = [metrics.observe, request_log(wanted_from_environment()), *tracing()]

    def observe(measured: Measured) -> None:
        for tell in told:
            tell(measured)

    return observe


def tracing(
    environment: Mapping[str, str] = os.environ, module: str = "server.telemetry"
) -> list[Observer]:
    """Give what traces requests, if the standard variables point somewhere. Raises NoTelemetry."""
    endpoint = next((environment[name] for name in _ENDPOINTS if environment.get(name)), None)
    if endpoint is None:
        return []
    try:
        exporting: Observer = import_module(module).exporting()
    except ImportError as error:
        raise NoTelemetry(value=endpoint) from error
    return [exporting]
