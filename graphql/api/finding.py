"""Find the answers of the read models: kept ones, or by the statements of a plan.

An answer is true at a position that was reached after it was asked for. Either that position is
looked up first, or the one that was seen last is taken for the present one, and the statement
itself tells whether it still was. So while nothing moves, one trip to the database is enough.
"""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from time import perf_counter

import psycopg
from graphql import GraphQLError

from api.cache import Answers, Key, place_of
from api.clocks import Present, day_of
from api.database import Position, Readers, Seen
from api.errors import UNAVAILABLE, Problem, problem_of
from api.heads import Guess, Heads
from api.question import Question
from api.reply import Answer, Reply
from api.request import Measured, Request
from api.running import Moved, text_of
from api.standing import Standing

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


class Finding:
    """Finds answers over one database, and keeps them within a bound on their bytes."""

    def __init__(
        self,
        readers: Readers,
        clock: Callable[[], datetime],
        *,
        wait_seconds: float,
        cache_bytes: int,
    ) -> None:
        """Take what finding needs; nothing is connected yet."""
        self.heads = Heads(readers)
        self.answers = Answers(cache_bytes)
        self.readers = readers
        self.clock = clock
        self._wait_seconds = wait_seconds

    def present(
        self,
        position: Position,
        now: datetime,
        request: Request,
        tables: AbstractSet[str] | None = None,
    ) -> Present:
        """Give the present of a question over some tables, or over all of them."""
        reached = position.of(tables)
        settled = position.settled if reached == position.reached else None
        return Present(reached, now, request.language, settled, request.reach)

    async def position(
        self, look: Callable[[], Awaitable[Position | None]], wanted: int = 0
    ) -> Position:
        """Tell how far the read models are, waiting a while if more is wanted."""
        pause, left = _FIRST_PAUSE, self._wait_seconds
        position = await look()
        while (position is None or position.reached < wanted) and left > 0:
            await asyncio.sleep(pause)
            left -= pause
            pause = min(pause * 2, _LONGEST_PAUSE)
            position = await look()
        if position is None:
            message = "The read models are being made; ask again in a moment."
            raise Problem(message, UNAVAILABLE)
        return position

    def kept(self, question: Question, position: Position) -> Answer | None:
        """Give the answer that is kept for a position, if there is one."""
        if not self._keeps(question):
            return None
        return self.answers.get(_key(question, position, self.clock()))

    def guesses(self, question: Question) -> Guess | None:
        """Give a position at which a question may be answered without a look at the position.

        Its statement tells whether that is still so. What is kept or being made needs a look.
        """
        guess = self.heads.guess
        if guess is None or guess.position.reached < question.wanted or question.is_fixed:
            return None
        if self._keeps(question) and self.answers.knows(
            _key(question, guess.position, self.clock())
        ):
            return None
        return guess

    async def find(
        self, question: Question, measured: Measured, position: Position | None
    ) -> Answer:
        """Give the answer that is kept for the present position, or find it and keep it."""
        now = self.clock()
        if position is None:
            with suppress(Moved):
                return await self._guessed(question, now, measured)
            position = await self.heads.look()
        if position is None or not self._keeps(question):
            return await self._read(question, position, now, measured)
        key = _key(question, position, now)
        kept = self.answers.get(key)
        if kept is not None:
            measured.cached = True
            return kept
        while True:
            # Another who makes it may have begun with a guess that turns out to be wrong.
            with suppress(Moved):
                return await self._shared(
                    key, lambda: self._read(question, position, now, measured)
                )

    async def _guessed(self, question: Question, now: datetime, measured: Measured) -> Answer:
        """Answer at the position that was seen last. Raises Moved if it is not the present one."""
        guess = self.guesses(question)
        if guess is None:
            raise Moved

        async def make() -> Answer:
            try:
                return await self._compiled(question, guess.position, now, measured, guess.seen)
            except psycopg.OperationalError as error:
                raise Moved from error

        if not self._keeps(question):
            return await make()
        return await self._shared(_key(question, guess.position, now), make)

    async def _shared(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make an answer for all who ask the same now, and keep it. Raises Moved."""

        async def made() -> Answer:
            answer = await make()
            if answer.whole:
                self.answers.put(key, answer)
            return answer

        return await self.answers.shared(key, made)

    async def _read(
        self, question: Question, position: Position | None, now: datetime, measured: Measured
    ) -> Answer:
        """Answer from the read models; once more over new connections if the old ones are dead."""
        try:
            return await self._compiled(question, position, now, measured)
        except psycopg.OperationalError:
            await self.readers.close()
            return await self._compiled(question, position, now, measured)

    async def _compiled(
        self,
        question: Question,
        position: Position | None,
        now: datetime,
        measured: Measured,
        seen: Seen | None = None,
    ) -> Answer:
        """Run the statements of a plan and put their texts together. Raises Broken.

        Without a position, or where more is wanted, it is waited for. Raises Moved where the
        position was `seen` by less than there is by now.
        """
        asked = question.asked
        is_reached = position is not None and position.reached >= question.wanted
        if position is None or not is_reached:
            # Those who wait hold no connection, so that others are answered meanwhile.
            position = await self.position(self.heads.look, question.wanted)
        standing = self._standing(question, position, now)
        reply = Reply(standing, question.cost)
        async with self.readers.lend() as reader:
            if seen is not None and seen.server != reader.server:
                raise Moved
            snapshot = "" if seen is None else seen.snapshot
            started = perf_counter()
            for root in asked:
                try:
                    text = await text_of(reader, root, question, reply, snapshot)
                except (psycopg.Error, GraphQLError) as error:
                    if reader.connection.closed:
                        raise
                    if seen is not None and not isinstance(error, psycopg.errors.QueryCanceled):
                        # It may have failed before it was found out what can be seen.
                        raise Moved from error
                    reply.fail(root.plan, problem_of(error))
                else:
                    reply.add(root.plan.key, text)
            measured.database_seconds += perf_counter() - started
        # What had to be waited for is true at another position than that of its key.
        return reply.answer(is_whole=is_reached)

    def _standing(self, question: Question, position: Position, now: datetime) -> Standing:
        """Give what the question comes to, which is known already if nothing moved since."""
        standing = question.standing
        if standing is None or not standing.holds(position, day_of(now)):
            present = self.present(position, now, question.request, question.tables)
            standing = question.standing = Standing(question, position, present)
        return standing

    def _keeps(self, question: Question) -> bool:
        """Tell whether answers to a question are kept.

        Of what the house reads for an export, no page is asked for twice.
        """
        return self.answers.size > 0 and not question.request.is_own and not question.moves


def _key(question: Question, position: Position, now: datetime) -> Key:
    """Give what the answer to a question depends on, at a position and a moment."""
    day, before = day_of(now), question.placed
    if before is not None and before[0] is position and before[1].day == day:
        return before[1]
    key = Key(*question.words, *place_of(position), day)
    question.placed = position, key
    return key
