"""Serve GraphQL over HTTP, to the letter of its specification.

Source: GraphQL over HTTP, working draft of the GraphQL Foundation, sections 4 to 6.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from api.errors import REFERENCE, new_reference
from api.exchange import Exchange, language_of
from api.graphiql import ONLY_FROM_HERE, asset_routes, page
from api.guard import refuse_other_sites
from api.message import Unreadable, from_body, from_query_string
from api.negotiation import GRAPHQL_RESPONSE, JSON, negotiated, takes_stream, wants_page
from api.reply import Answer
from api.schema import sdl
from api.sending import Header, send_answer, send_bytes, send_refusal
from api.served import Served
from api.socket import talk

LARGEST_BODY = 256 * 1024
PATIENCE = 0.1
"""Seconds after which the engine starts to watch whether the client is still there."""

Headers = Mapping[bytes, bytes]
Result = TypeVar("Result")
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_READING = frozenset({"GET", "HEAD"})
_ANSWERED = _READING | {"POST"}
_MESSAGES = {
    HTTPStatus.NOT_ACCEPTABLE: f"Accept {JSON} or {GRAPHQL_RESPONSE}.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use POST, or GET for queries.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"A request may have at most {LARGEST_BODY} bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: f"Send the request as {JSON} in UTF-8, not compressed.",
    HTTPStatus.BAD_REQUEST: "The request was not sent completely.",
}


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
        is_reading = scope["method"] in _READING
        if is_reading and self._graphiql and wants_page(accept):
            # What the query string asks is shown in the page; it runs when the reader says so.
            await send_bytes(send, 200, page(), b"text/html; charset=utf-8", ONLY_FROM_HERE)
            return
        reference = _reference(headers)
        REFERENCE.set(reference)
        told: list[Header] = [(b"x-request-id", reference.encode())]
        media_type = negotiated(accept)
        try:
            if scope["method"] in _ANSWERED:
                refuse_other_sites(headers)
            if media_type is None and not takes_stream(accept):
                raise _unreadable(HTTPStatus.NOT_ACCEPTABLE)
            members = await _members(scope, headers, receive)
        except Unreadable as problem:
            language = language_of(scope, headers)
            await send_refusal(send, problem, media_type or JSON, told, language)
            return
        served = self._find(HTTPConnection(scope))
        exchange = Exchange(served, scope, headers, told)
        request = await exchange.request(members)
        if takes_stream(accept) and (media_type is None or exchange.is_subscription(request)):
            await while_wanted(exchange.stream(request, send), receive)
            return
        if media_type is not None and not is_reading:
            exchange.remember(request, media_type)
        answer = await while_wanted(served.engine.answer(request), receive)
        if answer is not None:
            known = headers.get(b"if-none-match", b"") if is_reading else None
            await send_answer(send, answer, media_type or JSON, told, known)


def _reference(headers: Headers) -> str:
    """Take over the id that a proxy gave the request, if it is a plain one, or give it one."""
    given = _text(headers, b"x-request-id") or ""
    return given if _PLAIN_ID.fullmatch(given) else new_reference()


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


def graphql_routes(find: Find, *, graphiql: bool = True) -> list[Route | WebSocketRoute]:
    """Give the routes to mount: /graphql, the schema as a file, and the assets of GraphiQL."""

    async def socket(connection: WebSocket) -> None:
        await talk(connection, find(connection))

    async def schema_file(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        # Printed when first wanted: a start need not wait for it, nor other requests.
        text = (await asyncio.to_thread(sdl)).encode()
        answer = Answer(text, executed=True, whole=True)
        known = dict(scope["headers"]).get(b"if-none-match", b"")
        await send_answer(send, answer, "text/plain; charset=utf-8", [], known)

    return [
        Route("/graphql", GraphQLEndpoint(find, graphiql=graphiql)),
        WebSocketRoute("/graphql", socket),
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


async def while_wanted(answering: Awaitable[Result], receive: Receive) -> Result | None:
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
