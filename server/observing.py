"""Let everybody who wants to know of requests be told of each."""

import os
from collections.abc import Mapping
from importlib import import_module

from api.errors import FORBIDDEN, TOO_FAST, UNAUTHENTICATED
from api.request import Measured, Observer

from domain.errors import Refused
from intake.denials import Denials
from server.metrics import Metrics
from server.request_log import request_log, wanted_from_environment

_DENIALS = frozenset({FORBIDDEN, TOO_FAST, UNAUTHENTICATED})
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class NoTelemetry(Refused):
    """OpenTelemetry is pointed at {value}, and is not installed."""

    code = "no_telemetry"
    field = "OTEL_EXPORTER_OTLP_ENDPOINT"
    cure = "Install the extra `telemetry` of this program, or unset the variable."


def observer(metrics: Metrics, denials: Denials) -> Observer:
    """Give what counts a request, writes it down and traces it, as far as each is wanted."""
    told = [metrics.observe, request_log(wanted_from_environment()), _denied(denials), *tracing()]

    def observe(measured: Measured) -> None:
        for tell in told:
            tell(measured)

    return observe


def _denied(denials: Denials) -> Observer:
    """Give what notes who was refused, or asked by name for what is not within reach.

    It is not looked whether there is such a thing, so that nobody can tell by the time it takes.
    """

    def note(measured: Measured) -> None:
        request = measured.request
        caller = request.caller
        for code in _DENIALS.intersection(measured.codes):
            denials.note_named("graphql", code.lower(), caller, measured.operation)
        if measured.nothing:
            said = f"{' '.join(measured.nothing)} {dict(request.variables)}"
            denials.note_named("graphql", "nothing_within_reach", caller, said)

    return note


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
