"""Answer GraphQL requests: compiled where the read models answer, executed where they do not."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
import psycopg
from graphql import ExecutionResult, GraphQLError, execute
from graphql.execution.values import VariableValues

from api.cache import Answers, Key, place_of
from api.clocks import Present, day_of
from api.context import Context
from api.contract import Contract
from api.database import Position, Readers, Seen
from api.deadlines import Deadlines
from api.errors import BAD_REQUEST, REFERENCE, UNAVAILABLE, Problem, code_of, masked, problem_of
from api.heads import Guess, Heads
from api.preparation import Preparation, Prepared, Refusal
from api.question import Question
from api.reply import Answer, Reply, notes, refused
from api.request import Measured, Observer, Request
from api.running import Broken, Moved, text_of
from api.standing import Standing
from api.trusted import Trusted
from api.weight import Limits, Weight
from api.wording import told

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def now_in_utc() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how much: limits of documents, seconds of a request and of `atLeast`.

    `cache_bytes` bounds the answers that are kept; with 0 none is. Without `introspects` nobody may
    ask for the schema. `only_trusted` refuses every document that is not among the trusted ones.
    """

    limits: Limits = field(default_factory=Limits)
    seconds: float = 10.0
    wait_seconds: float = 5.0
    cache_bytes: int = 0
    introspects: bool = True
    only_trusted: bool = False


class Engine:
    """Answers requests over one contract and one database."""

    def __init__(
        self,
        contract: Contract,
        readers: Readers,
        *,
        clock: Callable[[], datetime] = now_in_utc,
        settings: Settings | None = None,
        trusted: Trusted | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Take what answering needs; nothing is connected yet."""
        self.contract = contract
        self.readers = readers
        self.clock = clock
        self.settings = settings or Settings()
        self.heads = Heads(readers)
        self.answers = Answers(self.settings.cache_bytes)
        self.trusted = trusted or Trusted()
        self.observer = observer
        self._deadlines = Deadlines(self.settings.seconds)
        self._preparation = Preparation(
            contract, self.settings.limits, introspects=self.settings.introspects
        )
        # The event loop itself would forget tasks that nobody waits for.
        self._writing: set[asyncio.Task[Answer]] = set()

    async def answer(self, request: Request, *, plainly: bool = False) -> Answer:
        """Answer a request; `plainly` executes field by field, as a reference."""
        started = perf_counter()
        measured = Measured(request, reference=REFERENCE.get())
        answer = await _told(self._answer(request, measured, plainly=plainly), request.language)
        self.observe(measured, answer, perf_counter() - started)
        return answer

    async def answer_at(
        self, question: Question, position: Position | None, measured: Measured
    ) -> Answer:
        """Answer a question at the position that was looked up for it, if there is one."""
        return await _told(self._found(question, measured, position), question.request.language)

    def observe(self, measured: Measured, answer: Answer, seconds: float) -> None:
        """Tell whoever wants to know of a request how it was answered."""
        if self.observer is None:
            return
        measured.seconds = seconds
        measured.position = answer.position
        measured.codes = answer.codes
        if measured.request.reach is not None:
            measured.nothing = answer.nothing
        self.observer(measured)

    def question(self, request: Request) -> Question | None:
        """Give the question of a request for what is compiled; None for anything else.

        Raises Refusal or Problem, and what graphql-core raises.
        """
        prepared = self.prepared(request)
        if not prepared.is_query or prepared.is_executed:
            return None
        variables = prepared.variables(dict(request.variables))
        question = Question(
            request, prepared, variables, self.weigh(request, prepared, variables).cost
        )
        return question if question.asked else None

    def kept(self, question: Question, position: Position) -> Answer | None:
        """Give the answer that is kept for a position, if there is one."""
        if not self._keeps(question):
            return None
        return self.answers.get(_key(question, position, self.clock()))

    def prepared(self, request: Request) -> Prepared:
        """Give the operation of a request. Raises Refusal."""
        only = self.settings.only_trusted and not request.is_own
        text = self.trusted.text(request.query, request.document_id, only=only)
        return self._preparation.prepared(text, request.operation_name)

    def prepared_own(self, text: str) -> Prepared:
        """Give the operation of a document of the house itself, trusted or not."""
        return self._preparation.prepared(text, None)

    def weigh(self, request: Request, prepared: Prepared, variables: VariableValues) -> Weight:
        """Weigh an operation and charge its caller. Raises Refusal or Problem for too much."""
        weight = self._preparation.refuse_heavy(prepared, variables)
        if request.charge is not None:
            request.charge(weight.cost)
        return weight

    async def _answer(self, request: Request, measured: Measured, *, plainly: bool) -> Answer:
        prepared = self.prepared(request)
        measured.operation, measured.kind = prepared.name, prepared.kind
        if prepared.is_subscription:
            message = "Subscriptions are asked for over WebSocket or as text/event-stream."
            raise Problem(message, BAD_REQUEST)
        if not prepared.is_query and not request.may_mutate:
            message = "Mutations are sent with POST."
            problem = Problem(message, BAD_REQUEST)
            return refused([problem], request.language, is_forbidden_mutation=True)
        variables = prepared.variables(dict(request.variables))
        measured.cost = self.weigh(request, prepared, variables).cost
        if prepared.is_query and not plainly and not prepared.is_executed:
            question = Question(request, prepared, variables, measured.cost)
            return await self._found(question, measured)
        with self._deadlines.bound():
            if not prepared.is_query:
                return await self._write(request, prepared)
            return await self._execute(request, prepared)

    async def _found(
        self, question: Question, measured: Measured, position: Position | None = None
    ) -> Answer:
        """Answer from the read models; what they lack there is told by plain execution."""
        with self._deadlines.bound():
            with suppress(Broken):
                return await self._known(question, measured, position)
            return await self._execute(question.request, question.prepared)

    async def _write(self, request: Request, prepared: Prepared) -> Answer:
        """Execute a mutation to its end, even if the caller leaves or time runs out."""
        task = asyncio.create_task(self._execute(request, prepared))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    def _keeps(self, question: Question) -> bool:
        """Tell whether answers to a question are kept.

        Of what the house reads for an export, no page is asked for twice.
        """
        return self.answers.size > 0 and not question.request.is_own and not question.moves

    async def _known(
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
        pause, left = _FIRST_PAUSE, self.settings.wait_seconds
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

    async def _execute(self, request: Request, prepared: Prepared) -> Answer:
        """Execute with graphql-core: mutations, introspection and the reference."""
        context = Context(self, request)
        try:
            result = execute(
                self.contract.schema,
                prepared.document,
                context_value=context,
                variable_values=dict(request.variables),
                operation_name=request.operation_name,
            )
            done = result if isinstance(result, ExecutionResult) else await result
        finally:
            await context.close()
        body: dict[str, Any] = {}
        errors = [masked(error) for error in done.errors or ()]
        if errors:
            body["errors"] = [told(error, request.language) for error in errors]
        body["data"] = done.data
        position = context.position
        if position is not None:
            body["extensions"] = {"position": position}
        if noted := notes(context.read_at, request.language):
            body["extensions"] = {**body.get("extensions", {}), "notes": noted}
        codes = tuple(code_of(error) for error in errors)
        return Answer(
            orjson.dumps(body, default=str), executed=True, position=position, codes=codes
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.heads.close()
        await self.readers.close()


def _key(question: Question, position: Position, now: datetime) -> Key:
    """Give what the answer to a question depends on, at a position and a moment."""
    return Key(*question.words, *place_of(position), day_of(now))


async def _told(answering: Awaitable[Answer], language: str) -> Answer:
    """Wait for an answer, or say what went wrong instead of it."""
    try:
        return await answering
    except Refusal as refusal:
        return refused(refusal.errors, language)
    except (psycopg.Error, TimeoutError, Problem) as error:
        return refused([problem_of(error)], language)
