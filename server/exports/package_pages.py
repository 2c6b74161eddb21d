"""Answer what is asked for packages: OC4IDS projects, their releases, the event log."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.exports.about import About
from server.exports.answering import kept_and_sent, sent
from server.exports.asked import Asked, asked_of, origin_of
from server.exports.ocel.log import EventLog
from server.exports.options import regions_of, said, truth, wanted_of
from server.exports.packages import Package, Publishing
from server.exports.projects import Portfolio
from server.exports.refusals import translated
from server.exports.writing import written

PACKAGE: Final = frozenset({"known", "known_position", "on", "lang", "region", "project"})
EVENT_LOG: Final = PACKAGE | {"names"}
UNNAMED: Final = "Lifecycle Ledger"
_TITLES: Final = {"oc4ids": "OC4IDS", "releases": "OC4IDS releases", "ocel": "OCEL"}


def package_routes() -> list[Route]:
    """List what can be fetched at which path."""
    return [
        Route("/exports/oc4ids.json", export_projects, methods=["GET"]),
        Route("/exports/releases.json", export_releases, methods=["GET"]),
        Route("/exports/ocel.json", export_event_log, methods=["GET"]),
    ]


async def export_projects(request: Request) -> Response:
    """Give projects as an OC4IDS 0.9.5 project package.

    Where releases about the grant of its land are known, a project links them.
    """
    return await _package(request, "projects", "oc4ids")


async def export_releases(request: Request) -> Response:
    """Give the life of projects as releases; merged, they give the projects of the package."""
    return await _package(request, "releases", "releases")


async def _package(request: Request, kind: str, name: str) -> Response:
    """Give a package of one kind."""
    asked = await asked_of(request, PACKAGE)
    portfolio = await portfolio_of(asked)
    package = Package(portfolio, publishing_of(asked, portfolio.wanted.origin), kind)

    async def about() -> About:
        return await package.about(_TITLES[name])

    return await sent(asked, package.pieces(), about, "json", (name, _TITLES[name]))


async def export_event_log(request: Request) -> Response:
    """Give facts as an object-centric event log, OCEL 2.0 in JSON, for process mining.

    It holds no name of a person unless `names` is asked for; then the ledger records that first.
    """
    asked = await asked_of(request, EVENT_LOG)
    with_names = truth("names", asked.given.get("names", "false"))
    portfolio = await portfolio_of(asked)
    is_whole = not portfolio.regions and portfolio.project is None and not asked.question.scope
    log = EventLog(portfolio, with_names=with_names, is_whole=is_whole)
    called = ("ocel", _TITLES["ocel"])

    async def about() -> About:
        return await log.about(_TITLES["ocel"])

    async def write(path: Path) -> Sequence[About]:
        await written(log.pieces(), path)
        return [await about()]

    if with_names:
        return await kept_and_sent(asked, write, lambda: log.names, "json", called)
    return await sent(asked, log.pieces(), about, "json", called)


async def portfolio_of(asked: Asked) -> Portfolio:
    """Find the projects that are asked for. Raises LedgerError."""
    given = asked.given
    wanted = wanted_of({**given, "names": "false"}, await origin_of(asked.house))
    with translated():
        return Portfolio(
            asked.served.engine,
            asked.question,
            wanted,
            regions_of(given.get("region")),
            said("project", given.get("project")),
        )


def publishing_of(asked: Asked, origin: str) -> Publishing:
    """Say who publishes, and under which address."""
    settings = asked.house.settings
    return Publishing(
        publisher=settings.publisher or origin or UNNAMED,
        uri=str(asked.request.url),
        address=str(asked.request.base_url),
        prefix=settings.oc4ids_prefix,
    )
