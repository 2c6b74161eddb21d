"""Let others follow the ledger: `GET /events` as a stream that goes on, or a page at a time.

Both are answered by the subscription to events. Its pages are bounded and shared by all who stand
at the same place, and one listening connection wakes everybody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from api.errors import TOO_FAST, code_of, problem_of
from api.event_stream import Wording, send_stream
from api.exchange import language_of
from api.following import Following
from api.http import while_wanted
from api.negotiation import takes_stream
from api.preparation import Refusal
from api.sending import Header
from api.served import Served
from api.told import Begun, Told
from graphql import GraphQLError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from domain.errors import LedgerError, Malformed
from domain.kinds import kind_of
from intake.grant import Right
from ledger.reading import head_size
from ledger.unavailable import Unavailable
from server.accounting import JSON
from server.bearer import granted, secret_of
from server.exports.options import regions_of, said
from server.house import House
from server.loopback import is_loopback
from server.problems import refused

ASKED_AGAIN_SECONDS = 30.0
"""How often it is asked whether a follower may still read."""
USUAL = 200
MOST = 1_000
LAST = 2**31 - 1
FIELDS = """
position id stream version type occurredOn recordedAt latenessDays reason payload
retracted leafHash actor { id org role name } source { system recordId recordVersion }
evidence { id title sha256 uri page } corrects { id }
"""
FILTERS = {"kind": "types", "stream": "stream", "source": "source", "region": "region"}
"""The parameters that choose, and the arguments of the subscription that they are."""
_MANY = frozenset({"kind", "region"})
_KNOWN = frozenset({*FILTERS, "after", "limit", "lang"})
_LOOKED_THROUGH = 10
"""So many stretches are looked through for one page, however few wanted events are in them."""
FOLLOW = f"""
subscription Follow($types: [String!], $stream: ID, $source: String, $region: [ID!]) {{
  events(types: $types, stream: $stream, source: $source, region: $region) {{ {FIELDS} }}
}}
"""
"""The subscription behind everything that follows over HTTP."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a follower wants: from where, which events, and how many at once if not all."""

    after: int | None
    wanted: Mapping[str, Any]
    limit: int | None


class Plainly(Wording):
    """Says each event by itself, so that any reader of server-sent events understands it."""

    complete = b""

    def told(self, answer: Told) -> bytes:
        """Say an event; its position is what to go on after."""
        return b"id: %d\ndata: %b\n\n" % (answer.position, answer.value)

    def problem(self, problem: GraphQLError) -> bytes:
        """Say why the stream ends; whoever reads on asks again from where they stopped."""
        return b"event: problem\ndata: %b\n\n" % orjson.dumps(_shown(problem))


async def follow_events(request: Request) -> Response:
    """Give every event after a position, in order: as they come, or the next ones as a page."""
    told: list[Header] = []
    try:
        response = await _followed(request, told)
    except LedgerError as problem:
        response = refused(problem)
    except Refusal as refusal:
        response = JSONResponse(_shown(refusal.errors[0]), 400)
    except GraphQLError as problem:
        status = 429 if code_of(problem) == TOO_FAST else 400
        response = JSONResponse(_shown(problem), status)
    response.raw_headers += told
    return response


async def _followed(request: Request, told: list[Header]) -> Response:
    """Begin to answer. Raises LedgerError, Refusal and GraphQLError."""
    served: Served = request.app.state.served
    wish = _wish(request)
    members = {
        "query": FOLLOW,
        "documentId": None,
        "operationName": None,
        "variables": wish.wanted,
    }
    asked = served.request(
        members,
        await served.caller(request),
        language_of(request.scope, dict(request.headers.raw)),
        lambda allowance: told.extend(allowance.headers()),
    )
    await _check_recorded(request, wish.after)
    following = served.following
    begun = following.begin(asked, served.engine.prepared_own(FOLLOW))
    if wish.limit is None:
        return Streamed(following, begun, wish.after, lambda: _may_stay(request))
    return await _page(following, begun, wish.after or 0, wish.limit)


async def _check_recorded(request: Request, after: int | None) -> None:
    """Refuse to wait behind the end of the ledger; whoever was once told more would miss the rest.

    Raises Malformed.
    """
    house: House = request.app.state.house
    if after is None:
        return
    async with house.pool.connection() as connection:
        head = await head_size(connection)
    if after > head:
        resumed = "last-event-id" if request.headers.get("last-event-id") else "after"
        cure = f"The ledger has {head} events; was it restored from a backup, go on after those."
        raise _invalid(resumed, str(after), cure)


class Streamed(Response):
    """The events as they come, for as long as the follower stays."""

    def __init__(
        self,
        following: Following,
        begun: Begun,
        after: int | None,
        may_stay: Callable[[], Awaitable[bool]],
    ) -> None:
        """Take what was begun, where to go on, and what tells whether the follower may stay."""
        super().__init__()
        self._may_stay = may_stay
        self.raw_headers = []
        self._answers = following.follow(begun, after=after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until nobody listens."""
        del scope
        async with aclosing(self._answers) as answers:
            sending = send_stream(send, answers, self.raw_headers, Plainly())
            task = asyncio.create_task(_while_allowed(sending, self._may_stay))
            await while_wanted(task, receive)


async def _while_allowed(
    sending: Coroutine[Any, Any, None], may_stay: Callable[[], Awaitable[bool]]
) -> None:
    """Send for as long as the follower may read; a token may be revoked in the middle."""
    task = asyncio.create_task(sending)
    try:
        while not (await asyncio.wait({task}, timeout=ASKED_AGAIN_SECONDS))[0]:
            if not await may_stay():
                return
        task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _may_stay(request: Request) -> bool:
    """Ask again what was asked at the door: on this machine everybody may read without a token."""
    house: House = request.app.state.house
    if secret_of(request) is None and is_loopback(house.settings.host):
        return True
    try:
        grant = await granted(request)
    except (psycopg.Error, PoolTimeout, Unavailable):
        # Nothing can be read meanwhile; it is asked again.
        return True
    return grant is not None and Right.READ in grant.rights


async def _page(following: Following, begun: Begun, after: int, limit: int) -> Response:
    """Give the next events at once, and where to go on; an empty page may be short of the end."""
    found: list[Told] = []
    place, upto = after, after
    for _ in range(_LOOKED_THROUGH):
        lines, place, upto = await following.page(begun, place)
        found += lines
        if len(found) >= limit or place >= upto:
            break
    if len(found) > limit:
        found = found[:limit]
        place = found[-1].position
    more = b"true" if place < upto else b"false"
    events = b",".join([told.value for told in found])
    body = b'{"events":[%b],"after":%d,"more":%b}' % (events, max(place, after), more)
    return Response(body, media_type=JSON)


def _wish(request: Request) -> Wish:
    """Read what is wanted. Raises Malformed."""
    asked = request.query_params
    for name in asked:
        if name not in _KNOWN:
            known = ", ".join(sorted(_KNOWN))
            raise _invalid(name, asked[name], f"There is no such parameter; there are {known}.")
    limit = _number("limit", asked.get("limit"), 1, MOST)
    after = _number("after", asked.get("after"), 0, LAST)
    resumed = _number("last-event-id", request.headers.get("last-event-id"), 0, LAST)
    if limit is None and not _wants_stream(request):
        limit = USUAL
    after = after if resumed is None else resumed
    return Wish(after, _wanted(request), limit)


def _wants_stream(request: Request) -> bool:
    """Tell a follower from one who takes a page: by what they accept, or else by the place."""
    accepted = request.headers.get("accept")
    if takes_stream(accepted):
        return request.method == "GET"
    if request.method != "GET" or (accepted is not None and JSON in accepted.lower()):
        return False
    return "after" in request.query_params or "last-event-id" in request.headers


def _wanted(request: Request) -> dict[str, Any]:
    """Read which events are wanted; of kinds and regions there may be several. Raises Malformed."""
    wanted: dict[str, Any] = {}
    for name, argument in FILTERS.items():
        given = request.query_params.getlist(name)
        if name in _MANY:
            given = [part for each in given for part in each.split(",")]
        elif len(given) > 1:
            raise _invalid(name, given[1], "Give it once.")
        for each in given:
            said(name, each)
        if given:
            wanted[argument] = given if name in _MANY else given[0]
    for kind in wanted.get("types", ()):
        kind_of(kind)
    # What is no code of any place would have its follower wait for ever.
    for each in wanted.get("region", ()):
        regions_of(each)
    return wanted


def _number(name: str, text: str | None, least: int, most: int) -> int | None:
    """Read a whole number. Raises Malformed."""
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and len(text) <= len(str(LAST)):
        number = int(text)
        if least <= number <= most:
            return number
    raise _invalid(name, text, f"Give a whole number from {least} to {most}.")


def _invalid(field: str, value: str, cure: str) -> Malformed:
    return Malformed(code="invalid_value", field=field, value=value[:100], cure=cure)


def _shown(problem: GraphQLError) -> dict[str, Any]:
    """Say a problem of the subscription as the other problems over HTTP are said."""
    shown = problem_of(problem).formatted
    more = shown.get("extensions", {})
    cure = more.get("cure", "Ask again; GET / lists what this server answers.")
    return {"code": code_of(problem).lower(), "message": shown["message"], "cure": cure}
