"""Put the web application together: queries, deliveries, schemas and health over one ledger."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from api.engine import Engine
from api.http import graphql_routes
from api.rates import Rates
from api.regulars import Regulars
from api.schema import sdl
from api.served import Served
from api.serving import engine_over
from api.trusted import trusted_in
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from server.allowing import engine_settings, rate_of
from server.batches import show_batch, show_record
from server.bearer import OpenOnLoopbackOnly, granted
from server.callers import admitted, recognise
from server.clerk import keeping
from server.delivering import delivering
from server.depot import Depot, fetch_bundle
from server.events import receive_events
from server.exports.pages import export_routes
from server.exports.refusals import TooFastNow, too_fast
from server.following import follow_events
from server.health import health
from server.home import home
from server.hosts import OwnNamesOnly
from server.house import opened
from server.log import log_routes
from server.metrics import Metrics, show_metrics
from server.observing import observer
from server.problems import HANDLERS
from server.projector import Projector
from server.registers import receive_register
from server.schemas import list_kinds, show_asyncapi, show_openapi, show_schema
from server.settings import Settings
from server.signer import Signer
from server.witnessing import Witnessing


def application(settings: Settings, conninfo: str, *, engine: Engine | None = None) -> Starlette:
    """Give the application over a migrated database."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        projector = Projector(conninfo)
        signer = Signer(settings, conninfo)
        witnessing = Witnessing(settings, conninfo)
        async with opened(settings, conninfo) as house:
            app.state.house = house
            app.state.projector = projector
            app.state.signer = signer
            app.state.witnessing = witnessing
            asking, trusted = settings.asking, trusted_in()
            app.state.metrics = metrics = Metrics(trusted.operations())
            answering = engine or engine_over(
                conninfo,
                settings=engine_settings(asking),
                trusted=trusted,
                patience_seconds=settings.patience_seconds,
            )
            answering.observer = observer(metrics, house.denials)
            metrics.gauge(
                "graphql_cache_bytes", "Bytes of kept answers", lambda: answering.answers.held
            )
            app.state.depot = depot = Depot(house)
            app.state.served = served = Served(
                answering,
                house.intake,
                granted,
                recognise,
                admitted,
                Rates(rate_of(asking)),
                depot.hand_out,
            )
            app.state.regulars = Regulars(served)
            metrics.gauge(
                "graphql_followers", "Subscriptions that run", lambda: served.following.followers
            )
            with projector.running(), signer.running(), witnessing.running():
                async with keeping(house), delivering(house, served), depot.open():
                    yield
            await served.close()

    return Starlette(
        routes=_routes(),
        lifespan=lifespan,
        exception_handlers={**HANDLERS, TooFastNow: too_fast},
        middleware=[
            Middleware(OwnNamesOnly, settings=settings),
            Middleware(OpenOnLoopbackOnly, settings=settings),
        ],
    )


def _routes() -> Sequence[BaseRoute]:
    """List what is answered at which path, what is asked most first: they are tried in order."""
    return [
        *graphql_routes(_served),
        Route("/", home),
        Route("/events", receive_events, methods=["POST"]),
        Route("/events", follow_events, methods=["GET"]),
        Route("/registers", receive_register, methods=["POST"]),
        Route("/batches/{batch}", show_batch),
        Route("/receipts/{system}/{record:path}", show_record),
        Route("/bundles/{bundle}", fetch_bundle),
        Route("/health", health),
        Route("/metrics", show_metrics),
        Route("/schemas", list_kinds),
        Route("/schemas/{kind}", show_schema),
        Route("/schemas/{kind}/{version}", show_schema, name="show_schema_version"),
        Route("/openapi.json", show_openapi),
        Route("/asyncapi.json", show_asyncapi),
        Route("/schema.graphql", _contract),
        *export_routes(),
        *log_routes(),
    ]


def _served(connection: HTTPConnection) -> Served:
    """Find what answers GraphQL in the running application."""
    served: Served = connection.app.state.served
    return served


async def _contract(_: Request) -> Response:
    """Give the GraphQL contract as a text."""
    return PlainTextResponse(await asyncio.to_thread(sdl))
