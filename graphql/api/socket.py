"""Speak GraphQL over a WebSocket: many operations side by side, each with an id of its own.

Source: GraphQL over WebSocket, sub-protocol `graphql-transport-ws`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import orjson
import psycopg
from graphql import GraphQLError
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.errors import BAD_REQUEST, Problem, problem_of
from api.exchange import language_of
from api.guard import refuse_other_sites
from api.message import Unreadable, from_members
from api.preparation import Refusal
from api.request import Caller, Request
from api.served import Served
from api.wording import told, worded
from domain.errors import Malformed
from domain.exact_json import decode
from ledger.unavailable import Unavailable

PROTOCOL = "graphql-transport-ws"
_BAD_MESSAGE, _UNAUTHORIZED, _FORBIDDEN = 4400, 4401, 4403
_BAD_PROTOCOL, _INIT_TIMEOUT, _TWICE, _TOO_MANY_INITS = 4406, 4408, 4409, 4429
_TRY_LATER = 1013
_AWAY = (psycopg.Error, PoolTimeout, Unavailable)
_INIT_SECONDS = 10.0
CHECK_SECONDS = 30.0
"""How often it is asked whether the token behind a socket still holds."""
_SEND_SECONDS = 60.0
"""How long a reader may take to take one message before it is given up."""
_OPERATIONS = 100
_LONGEST_REASON = 120
LARGEST_MESSAGE = 256 * 1024


class Closed(Exception):
    """The socket is to be closed with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        """Carry what the client is told."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Unanswered(Exception):
    """An operation was refused; the body says why."""

    def __init__(self, body: bytes) -> None:
        """Carry the errors."""
        super().__init__()
        self.errors: list[dict[str, Any]] = orjson.loads(body)["errors"]


class Talk:
    """One connection: who is behind it, and what runs on it."""

    def __init__(self, socket: WebSocket, served: Served, language: str) -> None:
        """Talk over an open socket."""
        self._socket = socket
        self._served = served
        self._language = language
        self._caller: Caller | None = None
        self._secret: str | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Talk until either side ends it."""
        task = asyncio.current_task()
        assert task is not None
        closing: list[Closed] = []

        def close(code: int, reason: str) -> None:
            closing.append(Closed(code, reason))
            task.cancel()

        watching = asyncio.create_task(self._watch(close))
        try:
            await self._receive()
        except Closed as closed:
            closing.append(closed)
        except WebSocketDisconnect:
            return
        except asyncio.CancelledError:
            if not closing:
                raise
            task.uncancel()
        finally:
            watching.cancel()
            for running in self._running.values():
                running.cancel()
            await asyncio.gather(watching, *self._running.values(), return_exceptions=True)
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._close(closing[0].code, closing[0].reason)

    async def _close(self, code: int, reason: str) -> None:
        """Close the socket with a reason, which a frame has little room for."""
        said = worded(reason, self._language).encode()[:_LONGEST_REASON]
        await self._socket.close(code, said.decode(errors="ignore"))

    async def _watch(self, close: Callable[[int, str], None]) -> None:
        """Close a socket that nobody initialises, or whose token does not hold any more."""
        await asyncio.sleep(_INIT_SECONDS)
        if self._caller is None:
            close(_INIT_TIMEOUT, "Connection initialisation timeout")
            return
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                caller = await self._served.admitted(self._socket, self._secret)
            except _AWAY:
                # Nobody can tell now; it is asked again.
                continue
            if caller is None:
                close(_FORBIDDEN, "Forbidden")
                return

    async def _receive(self) -> None:
        """Handle one message after the other. Raises Closed."""
        while True:
            event = await self._socket.receive()
            if event["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(event.get("code", 1000))
            await self._handle(_message(event.get("text")))

    async def _handle(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                self._start(message)
            case "complete" if isinstance(message.get("id"), str):
                running = self._running.pop(message["id"], None)
                if running is not None:
                    running.cancel()
            case _:
                raise Closed(_BAD_MESSAGE, "Invalid message received")

    async def _initialise(self, payload: object) -> None:
        """Find out who is there: by the header of the handshake, or by the payload."""
        if self._caller is not None:
            raise Closed(_TOO_MANY_INITS, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(_BAD_MESSAGE, "Invalid message received")
        self._secret = _bearer((payload or {}).get("Authorization")) or _bearer(
            (payload or {}).get("authorization")
        )
        try:
            caller = await self._served.admitted(self._socket, self._secret)
        except _AWAY as error:
            raise Closed(_TRY_LATER, "Try again later") from error
        if caller is None:
            raise Closed(_FORBIDDEN, "Forbidden")
        self._caller = caller
        await self._send({"type": "connection_ack"})

    def _start(self, message: Mapping[str, Any]) -> None:
        if self._caller is None:
            raise Closed(_UNAUTHORIZED, "Unauthorized")
        identifier, payload = message.get("id"), message.get("payload")
        if not (isinstance(identifier, str) and identifier and isinstance(payload, dict)):
            raise Closed(_BAD_MESSAGE, "Invalid message received")
        if identifier in self._running:
            raise Closed(_TWICE, f"Subscriber for {identifier} already exists")
        if len(self._running) >= _OPERATIONS:
            raise Closed(_BAD_MESSAGE, f"At most {_OPERATIONS} operations run on one socket")
        task = asyncio.create_task(self._operate(identifier, payload))
        self._running[identifier] = task
        # The id is free again once the operation has ended.
        task.add_done_callback(lambda done: self._ended(identifier, done))

    def _ended(self, identifier: str, task: asyncio.Task[None]) -> None:
        if self._running.get(identifier) is task:
            del self._running[identifier]
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            shown = [problem_of(fault)]
            self._running[identifier] = asyncio.create_task(self._error(identifier, shown))
            self._running[identifier].add_done_callback(lambda _: self._running.pop(identifier))

    async def _operate(self, identifier: str, payload: Mapping[str, Any]) -> None:
        """Answer one operation; whatever is wrong with it ends it alone."""
        try:
            request = self._request(payload)
            async with aclosing(self._bodies(request)) as bodies:
                async for body in bodies:
                    await self._next(identifier, body)
        except Unreadable as unreadable:
            await self._error(identifier, [Problem(unreadable.message, BAD_REQUEST)])
        except Unanswered as unanswered:
            await self._refuse(identifier, unanswered.errors)
        except Refusal as refusal:
            await self._error(identifier, refusal.errors)
        except GraphQLError as error:
            await self._error(identifier, [problem_of(error)])
        except TimeoutError:
            await self._close(_BAD_MESSAGE, "The messages are not taken")
        except (RuntimeError, WebSocketDisconnect):
            # The socket is closed already; there is nobody to tell.
            return
        else:
            await self._send({"type": "complete", "id": identifier})

    def _request(self, payload: Mapping[str, Any]) -> Request:
        """Read the request. Raises Unreadable."""
        assert self._caller is not None
        members = from_members(payload)
        request = self._served.request(members, self._caller, self._language)
        return replace(request, writer=self._served.writer(self._socket, self._secret))

    async def _bodies(self, request: Request) -> AsyncGenerator[bytes]:
        """Give the answers. Raises Refusal or GraphQLError if there are none."""
        engine = self._served.engine
        prepared = engine.prepared(request)
        if not prepared.is_subscription:
            answer = await engine.answer(request)
            if not answer.executed:
                raise Unanswered(answer.body)
            yield answer.body
            return
        following = self._served.following
        async with aclosing(following.follow(following.begin(request, prepared))) as answers:
            async for said in answers:
                yield said.body

    async def _next(self, identifier: str, body: bytes) -> None:
        """Send an answer as text; a frame of bytes would not be understood."""
        text = b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(identifier), body)
        await self._send_text(text.decode())

    async def _error(self, identifier: str, errors: Sequence[GraphQLError]) -> None:
        await self._refuse(identifier, [told(error, self._language) for error in errors])

    async def _refuse(self, identifier: str, errors: Sequence[Mapping[str, Any]]) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._send({"type": "error", "id": identifier, "payload": errors})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._send_text(orjson.dumps(message).decode())

    async def _send_text(self, text: str) -> None:
        async with asyncio.timeout(_SEND_SECONDS), self._sending:
            await self._socket.send_text(text)


def _message(text: str | None) -> Mapping[str, Any]:
    """Read a message. Raises Closed."""
    if text is None or len(text) > LARGEST_MESSAGE:
        raise Closed(_BAD_MESSAGE, "Invalid message received")
    try:
        message = decode(text.encode())
    except (Malformed, UnicodeEncodeError) as error:
        raise Closed(_BAD_MESSAGE, "Invalid message received") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(_BAD_MESSAGE, "Invalid message received")
    return message


def _bearer(value: object) -> str | None:
    """Read a token out of an Authorization member."""
    scheme, _, secret = value.partition(" ") if isinstance(value, str) else ("", "", "")
    return (secret.strip() or None) if scheme.lower() == "bearer" else None


async def talk(socket: WebSocket, served: Served) -> None:
    """Open a socket that asks for the sub-protocol, and talk over it."""
    headers = dict(socket.scope["headers"])
    language = language_of(socket.scope, headers)
    try:
        refuse_other_sites(headers)
    except Unreadable:
        # Before it is accepted, this is answered with 403.
        await socket.close()
        return
    if PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await socket.close(_BAD_PROTOCOL, worded("Subprotocol not acceptable", language))
        return
    await socket.accept(PROTOCOL)
    await Talk(socket, served, language).run()
