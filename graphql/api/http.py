"""Serve GraphQL over HTTP, to the letter of its specification.

Source: GraphQL over HTTP, working draft of the GraphQL Foundation, sections 4 to 6.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.engine import Engine, Request
from api.errors import BAD_REQUEST, TOO_LONG
from api.graphiql import ONLY_FROM_HERE, asset_routes, page
from api.message import Unreadable, from_body, from_query_string
from api.negotiation import GRAPHQL_RESPONSE, JSON, negotiated, spoken, wants_page
from api.receiving import Writer
from api.reply import Answer
from api.schema import sdl
from intake.grant import Grant
from intake.intake import Intake

LARGEST_BODY = 256 * 1024
PATIENCE = 0.1
"""Seconds after which the engine starts to watch whether the client is still there."""

Headers = Mapping[bytes, bytes]
_READING = frozenset({"GET", "HEAD"})
_MESSAGES = {
    HTTPStatus.NOT_ACCEPTABLE: f"Accept {JSON} or {GRAPHQL_RESPONSE}.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use POST, or GET for queries.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"A request may have at most {LARGEST_BODY} bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: f"Send the request as {JSON} in UTF-8, not compressed.",
    HTTPStatus.BAD_REQUEST: "The request was not sent completely.",
}


@dataclass(frozen=True, slots=True)
class Served:
    """What stands behind the endpoint while the program runs.

    Without an intake and a way to tell who is calling nothing can be written.
    """

    engine: Engine
    intake: Intake | None = None
    authenticate: Callable[[HTTPConnection], Awaitable[Grant | None]] | None = None


Find = Callable[[HTTPConnection], Served]
"""Finds what is served, usually in the state of the running application."""


class GraphQLEndpoint:
    """The ASGI application behind /graphql."""

    def __init__(self, find: Find, *, graphiql: bool = True) -> None:
        """Answer with what is found at the time of each request."""
        self._find = find
        self._graphiql = graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers: Headers = dict(scope["headers"])
        accept = _text(headers, b"accept")
        method = scope["method"]
        if method in _READING and self._graphiql and wants_page(accept):
            # What the query string asks is shown in the page; it runs when the reader says so.
            await _send(send, 200, page(), b"text/html; charset=utf-8", ONLY_FROM_HERE)
            return
        media_type = negotiated(accept)
        try:
            if media_type is None:
                raise _unreadable(HTTPStatus.NOT_ACCEPTABLE)
            members = await _members(scope, headers, receive)
        except Unreadable as problem:
            await _refuse(send, problem, media_type or JSON)
            return
        served = self._find(HTTPConnection(scope))
        request = _request(served, scope, headers, members)
        answering = served.engine.answer(request)
        answer = await _while_wanted(answering, receive)
        if answer is not None:
            await _send_answer(send, answer, media_type)


def _unreadable(status: HTTPStatus) -> Unreadable:
    return Unreadable(status, _MESSAGES[status])


async def _members(scope: Scope, headers: Headers, receive: Receive) -> Mapping[str, Any]:
    """Read the members of a GraphQL request from wherever they are. Raises Unreadable."""
    match scope["method"]:
        case "POST":
            return from_body(await _body(headers, receive))
        case "GET" | "HEAD":
            return from_query_string(scope["query_string"])
        case _:
            raise _unreadable(HTTPStatus.METHOD_NOT_ALLOWED)


def _request(served: Served, scope: Scope, headers: Headers, members: Mapping[str, Any]) -> Request:
    """Put together what the engine needs to know of an HTTP request."""
    authenticate, intake = served.authenticate, served.intake
    writer = None
    if authenticate is not None and intake is not None:
        writer = Writer(intake, lambda: authenticate(HTTPConnection(scope)))
    return Request(
        query=members["query"],
        operation_name=members["operationName"],
        variables=members["variables"],
        language=_language(scope, headers),
        writer=writer,
        may_mutate=scope["method"] == "POST",
    )


def graphql_routes(find: Find, *, graphiql: bool = True) -> list[Route]:
    """Give the routes to mount: /graphql, the schema as a file, and the assets of GraphiQL."""
    text = sdl().encode()

    async def schema_file(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await _send(send, 200, text, b"text/plain; charset=utf-8")

    return [
        Route("/graphql", GraphQLEndpoint(find, graphiql=graphiql)),
        Route("/graphql/schema.graphql", _Application(schema_file), methods=["GET"]),
        *(asset_routes("/graphql") if graphiql else ()),
    ]


class _Application:
    """Keeps starlette from taking a function for one that gives a response."""

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _language(scope: Scope, headers: Headers) -> str:
    """Choose the language of explanations: the parameter `lang`, or else the reader's own."""
    if scope["query_string"]:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang")
        if asked:
            return spoken(asked[0])
    return spoken(_text(headers, b"accept-language"))


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Read the body of a POST within its bounds. Raises Unreadable."""
    if (_text(headers, b"content-encoding") or "identity").strip().lower() != "identity":
        raise _unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    kind, *parameters = (_text(headers, b"content-type") or "").lower().split(";")
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if "charset" in part]
    if kind.strip() != JSON or any(charset not in {"utf-8", "utf8"} for charset in charsets):
        raise _unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and len(length) > len(str(LARGEST_BODY)):
        raise _unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    received = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _unreadable(HTTPStatus.BAD_REQUEST)
        received += event.get("body", b"")
        if len(received) > LARGEST_BODY:
            raise _unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not event.get("more_body", False):
            return bytes(received)


async def _while_wanted(answering: Awaitable[Answer], receive: Receive) -> Answer | None:
    """Wait for an answer, and give up as soon as a client that waits long has gone."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    watching: list[asyncio.Task[None]] = []

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        if task is not None:
            task.cancel()

    timer = loop.call_later(PATIENCE, lambda: watching.append(loop.create_task(gone())))
    try:
        return await answering
    except asyncio.CancelledError:
        if task is not None and watching and watching[0].done():
            # Nobody is there to be answered; the statement has been cancelled on the way here.
            task.uncancel()
            return None
        raise
    finally:
        timer.cancel()
        for watcher in watching:
            watcher.cancel()


async def _send_answer(send: Send, answer: Answer, media_type: str) -> None:
    """Send an answer with the status that its media type demands."""
    if answer.is_forbidden_mutation:
        await _send(send, 405, answer.body, media_type.encode(), (b"allow", b"POST"))
        return
    refused = not answer.executed and media_type == GRAPHQL_RESPONSE
    extra = (
        () if answer.position is None else ((b"ledger-position", str(answer.position).encode()),)
    )
    await _send(send, 400 if refused else 200, answer.body, media_type.encode(), *extra)


async def _refuse(send: Send, problem: Unreadable, media_type: str) -> None:
    """Answer what is no GraphQL request, in the form of one that failed."""
    code = TOO_LONG if problem.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE else BAD_REQUEST
    error = {"message": problem.message, "extensions": {"code": code}}
    extra = (
        ((b"allow", b"GET, HEAD, POST"),) if problem.status is HTTPStatus.METHOD_NOT_ALLOWED else ()
    )
    body = orjson.dumps({"errors": [error]})
    await _send(send, problem.status, body, media_type.encode(), *extra)


async def _send(
    send: Send, status: int, body: bytes, content_type: bytes, *headers: tuple[bytes, bytes]
) -> None:
    if content_type in {JSON.encode(), GRAPHQL_RESPONSE.encode()}:
        content_type += b"; charset=utf-8"
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", str(len(body)).encode()),
                (b"vary", b"Accept, Accept-Language"),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
