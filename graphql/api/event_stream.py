"""Send the answers to one operation as server-sent events, each as soon as it is there.

Source: GraphQL over Server-Sent Events, distinct connections mode. Frames end with line feeds only.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
from graphql import GraphQLError
from starlette.types import Send

from api.sending import Header
from api.told import Told
from api.wording import told

_KEEP_ALIVE_SECONDS = 12.0
_KEEP_ALIVE = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"


class Wording:
    """Says answers as GraphQL over Server-Sent Events does."""

    complete = _COMPLETE

    def __init__(self, language: str = "en") -> None:
        """Say what goes wrong in a language."""
        self._language = language

    def told(self, answer: Told) -> bytes:
        """Say an answer."""
        return b"id: %d\nevent: next\ndata: %b\n\n" % (answer.position, answer.body)

    def problem(self, problem: GraphQLError) -> bytes:
        """Say why there are no more answers."""
        return b"event: next\ndata: %b\n\n" % orjson.dumps(
            {"errors": [told(problem, self._language)]}
        )


async def send_stream(
    send: Send,
    answers: AsyncGenerator[Told],
    headers: list[Header],
    wording: Wording,
) -> None:
    """Send answers until there are no more; a comment now and then keeps the connection open."""
    sent = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": sent})
    # Proxies pass the headers on with the first bytes.
    await _send(send, _KEEP_ALIVE)
    async with aclosing(_framed(answers, wording)) as frames:
        async for frame in frames:
            await _send(send, frame)
    await send({"type": "http.response.body", "body": wording.complete})


async def _framed(answers: AsyncGenerator[Told], wording: Wording) -> AsyncGenerator[bytes]:
    """Give the frames, and comments while there is nothing to tell."""
    waiting: asyncio.Future[Told] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(answers))
            done, _ = await asyncio.wait([waiting], timeout=_KEEP_ALIVE_SECONDS)
            if not done:
                yield _KEEP_ALIVE
                continue
            answer, waiting = waiting.result(), None
            yield wording.told(answer)
    except StopAsyncIteration:
        return
    except GraphQLError as problem:
        yield wording.problem(problem)
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
