"""Answer those who ask as somebody asked before: dashboards poll with the same words all day long.

What the headers of a request mean is decided once by the whole application. Whatever comes under
the same headers later is answered from here, and what its body asks is read and planned once. The
answer itself is looked for as always: it is true at a position that was reached after it was asked.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from graphql import GraphQLError

from api.database import Position
from api.engine import Engine
from api.errors import REFERENCE, new_reference
from api.message import Unreadable, from_body
from api.preparation import Refusal
from api.question import Question
from api.reply import Answer
from api.request import Measured
from api.sending import written
from api.served import ANYBODY, Served

REGULARS = "lifecycle.regulars"
"""The extension of ASGI by which a server learns the `Manner` behind the headers of a request."""

_LONGEST_HEAD = 4_096
_MOST_HEADS = 1_024
_MOST_BYTES = 2**21
_OVERHEAD = 1_024
"""Bytes that a question takes beside its body, about."""


class Manner(NamedTuple):
    """How somebody asks who may be anybody: what the headers of a request decide."""

    media_type: str
    language: str


class Known(NamedTuple):
    """What the head of a request means: how many bytes the body has, and how is asked."""

    length: int
    manner: Manner


class Regulars:
    """Remembers heads and bodies of requests, within bounds."""

    def __init__(self, served: Served) -> None:
        """Know nobody yet."""
        self._served = served
        self._heads: dict[bytes, Known] = {}
        self._questions: OrderedDict[tuple[bytes, str], Question] = OrderedDict()
        self._held = 0

    def learn(self, head: bytes, length: int, manner: Manner) -> None:
        """Remember what the head of a request means, from its first line to the empty one."""
        if len(head) > _LONGEST_HEAD:
            return
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        self._heads[head] = Known(length, manner)

    def known(self, head: bytes) -> Known | None:
        """Give what the head of a request means, if it came before."""
        return self._heads.get(head)

    def question(self, body: bytes, manner: Manner) -> Question | None:
        """Give what a body asks; None for all that is not answered from the read models."""
        key = body, manner.language
        question = self._questions.get(key)
        if question is None:
            question = self._read(body, manner)
            if question is not None:
                self._keep(key, question)
        else:
            self._questions.move_to_end(key)
        return question

    def begin(self, question: Question, manner: Manner, done: "Done") -> "Turn":
        """Begin to answer; `done` is told what to send."""
        return Turn(self._served.engine, question, manner, done)

    def _read(self, body: bytes, manner: Manner) -> Question | None:
        """Read, weigh and plan a body; what is refused is left to those who can say why."""
        try:
            members = from_body(body)
            request = self._served.request(members, ANYBODY, manner.language)
            return self._served.engine.question(request)
        except (Unreadable, Refusal, GraphQLError):
            return None

    def _keep(self, key: tuple[bytes, str], question: Question) -> None:
        self._questions[key] = question
        self._held += len(key[0]) + _OVERHEAD
        while self._held > _MOST_BYTES:
            (body, _), _ = self._questions.popitem(last=False)
            self._held -= len(body) + _OVERHEAD


class Ready(NamedTuple):
    """What is to be sent: the status, the lines of the headers and the body of an answer."""

    status: int
    lines: bytes
    body: bytes


Done = Callable[[Ready | None], None]
"""Is told what to send, or None where the application must answer."""


class Turn:
    """One request that is being answered."""

    __slots__ = ("_done", "_engine", "_manner", "_measured", "_question", "_started", "_task")

    def __init__(self, engine: Engine, question: Question, manner: Manner, done: Done) -> None:
        """Answer at the position that was seen last, if nothing moves.

        Otherwise wait for a look at it, together with all who came at the same time.
        """
        self._started = perf_counter()
        self._engine = engine
        self._question = question
        self._manner = manner
        self._done: Done | None = done
        self._task: asyncio.Task[None] | None = None
        prepared = question.prepared
        self._measured = Measured(
            question.request,
            new_reference(),
            prepared.name,
            prepared.kind,
            question.cost,
        )
        if engine.finding.guesses(question) is None:
            engine.heads.coming().add_done_callback(self._looked)
        else:
            self._task = asyncio.create_task(self._find(None))

    def leave(self) -> None:
        """Stop answering somebody who has gone; the statement is cancelled."""
        self._done = None
        if self._task is not None:
            self._task.cancel()

    def _looked(self, look: "asyncio.Future[Position | None]") -> None:
        """Give the answer that is kept, or have it found."""
        if self._done is None:
            return
        failed = look.cancelled() or look.exception() is not None
        position = None if failed else look.result()
        kept = None if position is None else self._engine.finding.kept(self._question, position)
        if kept is None:
            self._task = asyncio.create_task(self._find(position))
        else:
            self._measured.cached = True
            self._finish(kept)

    async def _find(self, position: Position | None) -> None:
        """Find the answer; what nobody foresaw happens once more where it is told and logged."""
        REFERENCE.set(self._measured.reference)
        try:
            answer = await self._engine.answer_at(self._question, position, self._measured)
        except Exception:  # noqa: BLE001 - asked again in the application, which logs what is raised
            answer = None
        self._finish(answer)

    def _finish(self, answer: Answer | None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        if answer is None:
            done(None)
            return
        measured = self._measured
        self._engine.observe(measured, answer, perf_counter() - self._started)
        status, lines = written(answer, self._manner.media_type)
        reference = b"x-request-id: %b\r\n" % measured.reference.encode()
        done(Ready(status, reference + lines, answer.body))
