"""Answer GraphQL requests: compiled where the read models answer, executed where they do not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
import psycopg
from graphql import ExecutionResult, execute
from graphql.execution.values import VariableValues

from api.context import Context
from api.contract import Contract
from api.database import Position, Readers
from api.deadlines import Deadlines
from api.errors import (
    AWAY,
    BAD_REQUEST,
    REFERENCE,
    UNAVAILABLE,
    Problem,
    code_of,
    masked,
    problem_of,
)
from api.finding import Finding
from api.inspection import inspect
from api.preparation import Preparation, Prepared, Refusal
from api.question import Question
from api.reply import Answer, notes, refused
from api.request import Measured, Observer, Request
from api.running import Broken
from api.trusted import Trusted
from api.weight import Limits, Weight
from api.wording import told


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
        self.finding = Finding(
            readers,
            clock,
            wait_seconds=self.settings.wait_seconds,
            cache_bytes=self.settings.cache_bytes,
        )
        self.heads = self.finding.heads
        self.answers = self.finding.answers
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
        answer = await self._told(
            self._answer(request, measured, plainly=plainly), request.language
        )
        self.observe(measured, answer, perf_counter() - started)
        return answer

    async def answer_at(
        self, question: Question, position: Position | None, measured: Measured
    ) -> Answer:
        """Answer a question at the position that was looked up for it, if there is one."""
        return await self._told(
            self._found(question, measured, position), question.request.language
        )

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
                return await self._write(request, prepared, variables)
            return await self._execute(request, prepared, variables)

    async def _found(
        self, question: Question, measured: Measured, position: Position | None = None
    ) -> Answer:
        """Answer from the read models; what they lack there is told by plain execution."""
        with self._deadlines.bound():
            with suppress(Broken):
                return await self.finding.find(question, measured, position)
            return await self._execute(question.request, question.prepared, question.variables)

    async def _write(
        self, request: Request, prepared: Prepared, variables: VariableValues
    ) -> Answer:
        """Execute a mutation to its end, even if the caller leaves or time runs out."""
        task = asyncio.create_task(self._execute(request, prepared, variables))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _told(self, answering: Awaitable[Answer], language: str) -> Answer:
        """Wait for an answer, or say what went wrong instead of it."""
        try:
            return await answering
        except Refusal as refusal:
            return refused(refusal.errors, language)
        except TimeoutError as error:
            is_away = self.readers.is_away
            problem = Problem(AWAY, UNAVAILABLE) if is_away else problem_of(error)
            return refused([problem], language)
        except (psycopg.Error, Problem) as error:
            return refused([problem_of(error)], language)

    async def _execute(
        self, request: Request, prepared: Prepared, variables: VariableValues
    ) -> Answer:
        """Execute with graphql-core: mutations, introspection and the reference."""
        inspect(self.contract, prepared.compilable, variables)
        context = Context(self.finding, request, prepared.policies(variables))
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
