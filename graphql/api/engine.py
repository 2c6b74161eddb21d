"""Answer GraphQL requests: compiled where the read models answer, executed where they do not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, NamedTuple

import orjson
import psycopg
from graphql import ExecutionResult, GraphQLError, execute
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.cache import Answers, Key, place_of
from api.clocks import Clocks, Present, clocks
from api.context import Context
from api.contract import Contract
from api.database import Position, Reader, Readers
from api.errors import (
    BAD_INPUT,
    BAD_REQUEST,
    UNAVAILABLE,
    Problem,
    code_of,
    coded,
    masked,
    problem_of,
)
from api.heads import Heads
from api.leaf import ABSENT_BYTE
from api.plan import RootPlan
from api.preparation import Preparation, Prepared, Refusal
from api.reply import Answer, Reply, refused
from api.request import Measured, Observer, Request
from api.statement import Wire
from api.trusted import Trusted
from api.weight import Limits, Weight
from domain.errors import LedgerError
from domain.flexdate import BEIJING

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def now_in_utc() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


class Asked(NamedTuple):
    """A root field of a plan with the values of one request."""

    plan: RootPlan
    times: Mapping[str, Any]
    values: list[Wire]


class Question(NamedTuple):
    """A prepared query with what one request makes of it."""

    request: Request
    prepared: Prepared
    variables: VariableValues
    weight: Weight
    now: datetime

    def roots(self) -> tuple[RootPlan, ...]:
        """Give how the root fields are answered for whoever asks. Raises BadInput."""
        limited = self.request.reach is not None
        return self.prepared.plan(self.variables, limited=limited).roots


def asked_of(plan: RootPlan, variables: VariableValues) -> Asked:
    """Coerce what depends on variables. Raises BadInput or what graphql-core raises."""
    slots = [argument_values(slot.field, slot.node, variables) for slot in plan.slots]
    times = slots[0] if plan.arguments is None and slots else plan.arguments or {}
    return Asked(plan, times, plan.statement.bound(slots))


def _wanted(times: Sequence[Mapping[str, Any]]) -> int:
    """Give the position that the read models must have reached for all fields."""
    return max((asked.get("atLeast") or 0 for asked in times), default=0)


async def _read(
    reader: Reader, asked: Asked, question: "Question", present: Present, reply: Reply
) -> bytes:
    """Read the text of one root field, by spans where they tell. Raises Broken."""
    plan = asked.plan
    if plan.fixed is not None:
        return plan.fixed
    at = await clocks(reader.connection, asked.times, present)
    reply.read_at(plan.key, at)
    if plan.judging is not None:
        settled = present.settled
        if settled is None or at.known != present.position:
            settled = await reader.settled(at.known)
        if plan.can_read(at.known, settled):
            text = await _run(reader, asked, at._replace(settled=settled))
            if text is not None and ABSENT_BYTE not in text:
                return text
        asked = asked_of(plan.judging, question.variables)
    text = await _run(reader, asked, at)
    if text is None or ABSENT_BYTE in text:
        raise Broken
    return text


async def _run(reader: Reader, asked: Asked, at: Clocks) -> bytes | None:
    """Run the statement of one root field at the two clocks."""
    statement = asked.plan.statement
    values = statement.clocked(asked.values, at.wire())
    return await asked.plan.pace.text(reader, statement.text, values)


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


class Broken(Exception):
    """A compiled answer lacks a value that the schema promises."""


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
        self._preparation = Preparation(
            contract, self.settings.limits, introspects=self.settings.introspects
        )
        # The event loop itself would forget tasks that nobody waits for.
        self._writing: set[asyncio.Task[Answer]] = set()

    async def answer(self, request: Request, *, plainly: bool = False) -> Answer:
        """Answer a request; `plainly` executes field by field, as a reference."""
        started = perf_counter()
        measured = Measured(request)
        try:
            answer = await self._answer(request, measured, plainly=plainly)
        except Refusal as refusal:
            answer = refused(refusal.errors)
        except (psycopg.Error, TimeoutError, Problem) as error:
            answer = refused([problem_of(error)])
        if self.observer is not None:
            measured.seconds = perf_counter() - started
            measured.position = answer.position
            measured.codes = answer.codes
            if request.reach is not None:
                measured.nothing = answer.nothing
            self.observer(measured)
        return answer

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
        measured.operation, measured.kind = prepared.name, prepared.definition.operation.value
        if prepared.is_subscription:
            message = "Subscriptions are asked for over WebSocket or as text/event-stream."
            raise Problem(message, BAD_REQUEST)
        if not prepared.is_query and not request.may_mutate:
            message = "Mutations are sent with POST."
            return refused([Problem(message, BAD_REQUEST)], is_forbidden_mutation=True)
        variables = prepared.variables(dict(request.variables))
        weight = self.weigh(request, prepared, variables)
        measured.cost = weight.cost
        async with asyncio.timeout(self.settings.seconds):
            if not prepared.is_query:
                return await self._write(request, prepared)
            question = Question(request, prepared, variables, weight, self.clock())
            if not plainly and not prepared.is_executed:
                with suppress(Broken):
                    return await self._known(question, measured)
            return await self._execute(request, prepared)

    async def _write(self, request: Request, prepared: Prepared) -> Answer:
        """Execute a mutation to its end, even if the caller leaves or time runs out."""
        task = asyncio.create_task(self._execute(request, prepared))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _known(self, question: Question, measured: Measured) -> Answer:
        """Give the answer that is kept for the present position, or find it and keep it."""
        position = await self.heads.look()
        request, day = question.request, question.now.astimezone(BEIJING).date()
        # Of what the house reads for an export, no page is asked for twice.
        is_kept = self.answers.size and not request.is_own
        if position is None or not is_kept or _moves(question):
            return await self._read(question, position, measured)
        key = Key(
            question.prepared.text,
            request.operation_name,
            # Equal texts mean equal values of equal types, which their hashes would not.
            repr(request.variables),
            request.scope,
            request.language,
            *place_of(position),
            day,
        )
        kept = self.answers.get(key)
        if kept is not None:
            measured.cached = True
            return kept

        async def make() -> Answer:
            answer = await self._read(question, position, measured)
            if answer.whole:
                self.answers.put(key, answer)
            return answer

        return await self.answers.shared(key, make)

    async def _read(
        self, question: Question, position: Position | None, measured: Measured
    ) -> Answer:
        """Answer from the read models; once more over new connections if the old ones are dead."""
        try:
            return await self._compiled(question, position, measured)
        except psycopg.OperationalError:
            await self.readers.close()
            return await self._compiled(question, position, measured)

    async def _compiled(
        self, question: Question, position: Position | None, measured: Measured
    ) -> Answer:
        """Run the statements of a plan and put their texts together. Raises Broken.

        Without a position, or where more is wanted, it is waited for.
        """
        variables = question.variables
        try:
            asked = [asked_of(root, variables) for root in question.roots()]
        except (GraphQLError, LedgerError) as error:
            raise Refusal([coded(problem_of(error), BAD_INPUT)]) from error
        wanted = _wanted([root.times for root in asked])
        is_reached = position is not None and position.reached >= wanted
        if position is None or not is_reached:
            # Those who wait hold no connection, so that others are answered meanwhile.
            position = await self.position(self.heads.look, wanted)
        tables = frozenset[str]().union(*(root.plan.tables for root in asked))
        present = self.present(position, question.now, question.request, tables)
        reply = Reply(present.position, question.weight.cost)
        async with self.readers.lend() as reader:
            started = perf_counter()
            for root in asked:
                try:
                    text = await _read(reader, root, question, present, reply)
                except (psycopg.Error, GraphQLError) as error:
                    if reader.connection.closed:
                        raise
                    reply.fail(root.plan, problem_of(error))
                else:
                    reply.add(root.plan.key, text)
            measured.database_seconds += perf_counter() - started
        # What had to be waited for is true at another position than that of its key.
        return reply.answer(is_whole=is_reached)

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
            body["errors"] = [error.formatted for error in errors]
        body["data"] = done.data
        position = context.position
        if position is not None:
            body["extensions"] = {"position": position}
        codes = tuple(code_of(error) for error in errors)
        return Answer(
            orjson.dumps(body, default=str), executed=True, position=position, codes=codes
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.heads.close()
        await self.readers.close()


def _moves(question: Question) -> bool:
    """Tell whether what is asked for changes without the position moving; then nothing is kept."""
    with suppress(GraphQLError, LedgerError):
        return any(root.statement.moves for root in question.roots())
    return False
