"""Write packages and event logs of the common portfolio, each once for all who read it."""

import json
from functools import cache, partial

from api.request import Request

from server.exports.ocel.log import EventLog
from server.exports.packages import Package, Publishing
from server.exports.projects import Portfolio
from server.exports.tables import Wanted
from tests.graphql.exported import joined

PUBLISHING = Publishing(
    publisher="Development and reform commission",
    uri="https://ledger.example/exports/oc4ids.json",
    address="https://ledger.example/",
    prefix="oc4ids-zzzzzz",
)
CLOCKS = [{}, {"on": "2024-06-30"}, {"known": "2024-09-30T23:59:59+08:00", "on": "2023-12-31"}]


def portfolio_of(world, times, **narrowed):
    return Portfolio(world.engine, Request(), Wanted(times), **narrowed)


@cache
def written(world, made, times, narrowed):
    """Write a package or a log once; tests only read it, each its own copy."""
    portfolio = Portfolio(world.engine, Request(), Wanted(dict(times)), **dict(narrowed))
    log = made(portfolio)
    return joined(world, log.pieces), log


MADE = {
    kind: partial(Package, publishing=PUBLISHING, kind=kind) for kind in ("projects", "releases")
} | {
    ("log", names, is_whole): partial(EventLog, with_names=names, is_whole=is_whole)
    for names in (False, True)
    for is_whole in (False, True)
}


def frozen(values):
    return tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in values.items())


def package(world, kind, times, **narrowed):
    return json.loads(written(world, MADE[kind], frozen(times), frozen(narrowed))[0])


def log(world, times, *, names=False, is_whole=True, **narrowed):
    made = MADE["log", names, is_whole]
    data, log = written(world, made, frozen(times), frozen(narrowed))
    return json.loads(data), log
