"""Send the answers to GraphQL requests over HTTP, each with the headers that are due to it."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import NamedTuple

import orjson
from starlette.types import Send

from api.errors import BAD_REQUEST, FORBIDDEN, TOO_FAST, TOO_LONG, UNAVAILABLE
from api.message import Unreadable
from api.negotiation import GRAPHQL_RESPONSE, JSON
from api.reply import Answer
from api.wording import worded

Header = tuple[bytes, bytes]
_CODES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TOO_LONG,
    HTTPStatus.FORBIDDEN: FORBIDDEN,
}
_JSON_TYPES = {JSON.encode(), GRAPHQL_RESPONSE.encode()}
_EVERY = (
    (b"vary", b"Accept, Accept-Language, Authorization"),
    (b"x-content-type-options", b"nosniff"),
)
_NOT_STORED = (b"cache-control", b"no-store")
_ASK_SOON = (b"retry-after", b"1")
# May be stored by the reader alone, who asks each time whether it is still so.
_ASK_AGAIN = (b"cache-control", b"private, no-cache")


class Sent(NamedTuple):
    """What is sent of an answer: a status, headers and a body."""

    status: int
    headers: list[Header]
    body: bytes


async def send_answer(
    send: Send, answer: Answer, media_type: str, headers: list[Header], if_none_match: bytes | None
) -> None:
    """Send an answer with the status that its media type demands.

    `if_none_match` is what a GET says it has already; None for other methods, whose answers are
    never stored.
    """
    await _send(send, sent(answer, media_type, headers, if_none_match))


def sent(
    answer: Answer, media_type: str, headers: list[Header], if_none_match: bytes | None = None
) -> Sent:
    """Give what `send_answer` sends."""
    kind = media_type.encode()
    if answer.is_forbidden_mutation:
        return _sent(405, answer.body, kind, *headers, (b"allow", b"POST"))
    if TOO_FAST in answer.codes and not answer.executed:
        return _sent(429, answer.body, kind, *headers)
    if UNAVAILABLE in answer.codes and not answer.executed:
        return _sent(503, answer.body, kind, *headers, _ASK_SOON)
    if answer.position is not None:
        headers = [*headers, (b"ledger-position", str(answer.position).encode())]
    if if_none_match is not None and answer.whole:
        headers = [*headers, _ASK_AGAIN, (b"etag", answer.etag)]
        if _has(if_none_match, answer.etag):
            return _sent(304, b"", kind, *headers)
    is_refused = not answer.executed and media_type == GRAPHQL_RESPONSE
    return _sent(400 if is_refused else 200, answer.body, kind, *headers)


def written(answer: Answer, media_type: str) -> tuple[int, bytes]:
    """Give the status and the lines of the headers of an answer to a POST."""
    if not answer.executed or answer.position is None:
        status, headers, _ = sent(answer, media_type, [])
        return status, _lines(headers)
    varying = answer.position, len(answer.body)
    return 200, _same_lines(media_type) + b"ledger-position: %d\r\ncontent-length: %d\r\n" % varying


@cache
def _same_lines(media_type: str) -> bytes:
    """Give the lines that are the same for all answers with a position."""
    own = sent(Answer(b"", executed=True), media_type, []).headers
    return _lines(header for header in own if header[0] != b"content-length")


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def _has(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether a client has the body with a tag; comparison is weak, as for every GET."""
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return any(tag in {b"*", etag} for tag in tags)


async def send_refusal(
    send: Send, problem: Unreadable, media_type: str, headers: list[Header], language: str
) -> None:
    """Answer what is no GraphQL request, in the form of one that failed."""
    code = _CODES.get(problem.status, BAD_REQUEST)
    if problem.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = [*headers, (b"allow", b"GET, HEAD, POST")]
    error = {"message": worded(problem.message, language), "extensions": {"code": code}}
    body = orjson.dumps({"errors": [error]})
    await send_bytes(send, problem.status, body, media_type.encode(), *headers)


async def send_bytes(
    send: Send, status: int, body: bytes, content_type: bytes, *headers: Header
) -> None:
    """Send a status, headers and a body; without a word about it, nobody may store it."""
    await _send(send, _sent(status, body, content_type, *headers))


def _sent(status: int, body: bytes, content_type: bytes, *headers: Header) -> Sent:
    """Add the headers that every answer has."""
    if content_type in _JSON_TYPES:
        content_type += b"; charset=utf-8"
    every = [*_EVERY, *headers]
    if status != HTTPStatus.NOT_MODIFIED:
        every += [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    if not any(name == b"cache-control" for name, _ in headers):
        every.append(_NOT_STORED)
    return Sent(status, every, body)


async def _send(send: Send, what: Sent) -> None:
    await send({"type": "http.response.start", "status": what.status, "headers": what.headers})
    await send({"type": "http.response.body", "body": what.body})
