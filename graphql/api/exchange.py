"""Answer one HTTP request, whole or as a stream, and tell its caller what is left to ask for."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

from graphql import GraphQLError
from starlette.requests import HTTPConnection
from starlette.types import Scope, Send

from api.errors import problem_of
from api.event_stream import Wording, send_stream
from api.negotiation import GRAPHQL_RESPONSE, spoken
from api.preparation import Refusal
from api.rates import Allowance
from api.regulars import REGULARS, Manner
from api.reply import refused
from api.request import Caller, Request
from api.sending import Header, send_answer
from api.served import ANYBODY, Served
from api.told import Told

Headers = Mapping[bytes, bytes]
_OWN = frozenset({b"authorization", b"traceparent", b"x-request-id"})
"""Headers that say who asks or which request it is, so that equal ones are not met again."""


class Exchange:
    """One HTTP request and what is told in the headers of its answer."""

    def __init__(self, served: Served, scope: Scope, headers: Headers, told: list[Header]) -> None:
        """Take what came in; `told` is added to."""
        self._served = served
        self._scope = scope
        self._headers = headers
        self._told = told
        self._caller: Caller | None = None

    async def request(self, members: Mapping[str, Any]) -> Request:
        """Put together what the engine needs to know."""
        connection = HTTPConnection(self._scope)
        self._caller = caller = await self._served.caller(connection)
        language = language_of(self._scope, self._headers)
        return self._served.request(
            members,
            caller,
            language,
            self._tell,
            writer=self._served.writer(connection),
            may_mutate=self._scope["method"] == "POST",
            traceparent=self._headers.get(b"traceparent", b"").decode("latin-1"),
        )

    def remember(self, request: Request, media_type: str) -> None:
        """Let the server know how this caller asks, if who asks so may be anybody.

        The server then answers whatever comes under the same headers by itself.
        """
        learn = self._scope.get("extensions", {}).get(REGULARS)
        if learn is not None and self._caller == ANYBODY and not self._headers.keys() & _OWN:
            learn(Manner(media_type, request.language))

    def _tell(self, allowance: Allowance) -> None:
        self._told.extend(allowance.headers())

    def is_subscription(self, request: Request) -> bool:
        """Tell whether the request subscribes; what cannot be told is answered whole."""
        try:
            return self._served.engine.prepared(request).is_subscription
        except (Refusal, GraphQLError):
            return False

    async def stream(self, request: Request, send: Send) -> None:
        """Send the answers as they come; what cannot begin is refused as a whole answer is."""
        try:
            answers = await self._answers(request)
        except Refusal as refusal:
            answer = refused(refusal.errors, request.language)
        except GraphQLError as error:
            answer = refused([problem_of(error)], request.language)
        else:
            async with aclosing(answers):
                await send_stream(send, answers, self._told, Wording(request.language))
            return
        await send_answer(send, answer, GRAPHQL_RESPONSE, self._told, None)

    async def _answers(self, request: Request) -> AsyncGenerator[Told]:
        """Begin to answer. Raises Refusal or GraphQLError."""
        prepared = self._served.engine.prepared(request)
        if not prepared.is_subscription:
            return _once(self._served, request)
        following = self._served.following
        begun = following.begin(request, prepared)
        return following.follow(begun, after=_last_event(self._headers))


async def _once(served: Served, request: Request) -> AsyncGenerator[Told]:
    """Give the one answer to an operation that is no subscription."""
    answer = await served.engine.answer(request)
    yield Told(answer.position or 0, answer.body)


def _last_event(headers: Headers) -> int | None:
    """Read the position after which a reader who was cut off wants to go on."""
    text = headers.get(b"last-event-id", b"")
    return int(text) if text.isdigit() and len(text) < len(str(2**63)) else None


def language_of(scope: Scope, headers: Headers) -> str:
    """Choose the language of explanations: the parameter `lang`, or else the reader's own."""
    if scope["query_string"]:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang")
        if asked:
            return spoken(asked[0])
    return spoken(headers.get(b"accept-language", b"").decode("latin-1"))
