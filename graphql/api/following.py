"""Answer subscriptions: each page of what is new by one compiled statement, answer by answer.

The position of the last answer is all that a follower has to remember. Pages are read no faster
than they are taken, and followers who ask the same at the same time share one page.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from time import monotonic
from typing import Any

import orjson
import psycopg
from graphql import GraphQLError

from api.cache import Key, place_of
from api.clocks import Clocks
from api.compiler import followed
from api.engine import Engine
from api.errors import ABSENT, BAD_INPUT, coded, problem_of
from api.leaf import ABSENT_BYTE
from api.lookout import PAUSE_SECONDS, Lookout
from api.preparation import Prepared, Refusal
from api.question import asked_of
from api.reply import Answer
from api.request import Request
from api.told import Begun, Page, Told
from api.wording import told
from domain.errors import LedgerError
from domain.flexdate import BEIJING
from ledger.unavailable import Unavailable
from projections.answers.followed import PAGE, STRETCH

_PATIENCE_SECONDS = 60.0
_AHEAD_SECONDS = 0.05


class Following:
    """Lets any number of followers wait over one listening connection."""

    def __init__(self, engine: Engine) -> None:
        """Follow what an engine reads; nothing is connected before somebody subscribes."""
        self.followers = 0
        self._engine = engine
        self._lookout = Lookout(engine, self.page)

    def begin(self, request: Request, prepared: Prepared) -> Begun:
        """Make a subscription ready. Raises Refusal or Problem if it cannot begin."""
        contract = self._engine.contract
        variables = prepared.variables(dict(request.variables))
        self._engine.weigh(request, prepared, variables)
        try:
            limited = request.reach is not None
            plan = followed(contract, prepared.compilable, variables, limited=limited)
            return Begun(request, prepared.text, asked_of(plan, variables))
        except (GraphQLError, LedgerError) as error:
            raise Refusal([coded(problem_of(error), BAD_INPUT)]) from error

    async def follow(self, begun: Begun, *, after: int | None = None) -> AsyncGenerator[Told]:
        """Give every answer in order; `after` comes before what the document says.

        Raises Problem if it cannot go on. A database that is away for a while is waited for.
        """
        self.followers += 1
        try:
            async with aclosing(self._told(begun, after)) as answers:
                async for answer in answers:
                    yield answer
        finally:
            self.followers -= 1

    async def _told(self, begun: Begun, after: int | None) -> AsyncGenerator[Told]:
        """Give the answers from where the caller or else the document says."""
        said = begun.asked.times.get("after")
        place = after if after is not None else said
        if place is None:
            place = (await self._engine.finding.position(self._engine.heads.look)).reached
        failing_since = None
        while True:
            try:
                page = await self._next(begun, place)
            except (Unavailable, psycopg.errors.QueryCanceled) as error:
                raise problem_of(error) from error
            except psycopg.OperationalError as error:
                failing_since = failing_since or monotonic()
                if monotonic() - failing_since > _PATIENCE_SECONDS:
                    raise problem_of(error) from error
                await self._engine.readers.close()
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            except psycopg.Error as error:
                raise problem_of(error) from error
            failing_since, place = None, page.place
            for answer in page.lines:
                yield answer

    async def _next(self, begun: Begun, place: int) -> Page:
        """Read the next page, or wait for it at the end. Raises psycopg.Error and Stopping."""
        tail = self._lookout.tail
        tail.check()
        page = await self._lookout.next(begun, place)
        if page is None:
            page = await self.page(begun, place)
            if page.is_end:
                page = await self._lookout.next(begun, place, is_end=True) or page
            elif page.upto < place:
                # Who is ahead waits; where a read model stopped, that is not for the ledger only.
                await tail.beyond(place)
                await asyncio.sleep(_AHEAD_SECONDS)
        return page

    async def page(self, begun: Begun, place: int) -> Page:
        """Read the next answers, once for all who ask for them now. Raises psycopg.Error."""
        position = await self._engine.finding.position(self._engine.heads.look)
        statement = begun.asked.plan.statement
        upto = position.of(statement.tables)
        if upto <= place:
            return Page([], place, upto)
        request, day = begun.request, self._engine.clock().astimezone(BEIJING).date()
        clocks = Clocks(upto, day, request.language, upto, reach=request.reach)
        key = Key(
            begun.text,
            request.operation_name,
            f"{request.variables!r} after {place}",
            request.scope,
            request.language,
            *place_of(position),
            day,
        )
        values = statement.clocked(begun.asked.values, clocks.wire() | {"after": str(place)})

        async def make() -> Answer:
            async with self._lookout.tail.reading(), self._engine.readers.lend() as reader:
                text = await reader.text(statement.text, values)
            return Answer(text or b"", executed=True)

        page = await self._engine.answers.shared(key, make)
        lines = [_told(begun, line) for line in page.body.split(b"\n") if line]
        is_full = len(lines) == PAGE
        return Page(lines, lines[-1].position if is_full else min(upto, place + STRETCH), upto)

    def leave(self) -> None:
        """Send all followers away, since the server stops."""
        self._lookout.leave()

    async def close(self) -> None:
        """Stop listening."""
        await self._lookout.close()


def _told(begun: Begun, line: bytes) -> Told:
    """Make an answer of a line: its position, a blank and the value of the root field."""
    number, _, value = line.partition(b" ")
    key = begun.asked.plan.key
    if ABSENT_BYTE in value:
        message = "A promised value is missing; nothing stands in for it."
        problem = GraphQLError(message, path=[key], extensions={"code": ABSENT})
        said = told(problem, begun.request.language)
        return Told(int(number), _body(b"null", number, said))
    return Told(int(number), _body(b'{"%b":%b}' % (key.encode(), value), number), value)


def _body(data: bytes, position: bytes, error: Mapping[str, Any] | None = None) -> bytes:
    errors = b"" if error is None else b'"errors":%b,' % orjson.dumps([error])
    return b'{%b"data":%b,"extensions":{"position":%b}}' % (errors, data, position)
