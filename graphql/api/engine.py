"""Answer GraphQL requests: compiled where the read models answer, executed where they do not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import psycopg
from graphql import ExecutionResult, GraphQLError, execute
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.clocks import Clocks, Present, clocks
from api.contract import Contract
from api.database import Position, Reader, Readers
from api.errors import BAD_INPUT, BAD_REQUEST, UNAVAILABLE, Problem, coded, masked, problem_of
from api.leaf import ABSENT_BYTE
from api.plan import RootPlan
from api.preparation import Preparation, Prepared, Refusal
from api.receiving import Writer
from api.reply import Answer, Reply, refused
from api.statement import Wire
from api.weight import Limits, Weight
from domain.errors import LedgerError

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def now_in_utc() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, whatever carried it."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    writer: Writer | None = None
    may_mutate: bool = True


class Asked(NamedTuple):
    """A root field of a plan with the values of one request."""

    plan: RootPlan
    times: Mapping[str, Any]
    values: list[Wire]


def _asked(plan: RootPlan, variables: VariableValues) -> Asked:
    """Coerce what depends on variables. Raises BadInput or what graphql-core raises."""
    slots = [argument_values(slot.field, slot.node, variables) for slot in plan.slots]
    times = slots[0] if plan.arguments is None and slots else plan.arguments or {}
    return Asked(plan, times, plan.statement.bound(slots))


def _wanted(times: Sequence[Mapping[str, Any]]) -> int:
    """Give the position that the read models must have reached for all fields."""
    return max((asked.get("atLeast") or 0 for asked in times), default=0)


async def _read(reader: Reader, asked: Asked, present: Present, reply: Reply) -> bytes:
    """Read the text of one root field. Raises Broken."""
    plan = asked.plan
    if plan.fixed is not None:
        return plan.fixed
    at = await clocks(reader.connection, asked.times, present)
    reply.read_at(plan.key, at)
    statement = plan.statement
    values = statement.clocked(asked.values, at.wire())
    text = await plan.pace.text(reader, statement.text, values)
    if text is None or ABSENT_BYTE in text:
        raise Broken
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how much: limits of documents, seconds of a request and of `atLeast`."""

    limits: Limits = field(default_factory=Limits)
    seconds: float = 10.0
    wait_seconds: float = 5.0


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
    ) -> None:
        """Take what answering needs; nothing is connected yet."""
        self.contract = contract
        self.readers = readers
        self.clock = clock
        self.settings = settings or Settings()
        self._preparation = Preparation(contract, self.settings.limits)
        # The event loop itself would forget tasks that nobody waits for.
        self._writing: set[asyncio.Task[Answer]] = set()

    async def answer(self, request: Request, *, plainly: bool = False) -> Answer:
        """Answer a request; `plainly` executes field by field, as a reference."""
        try:
            prepared = self._preparation.prepared(request.query, request.operation_name)
            if not prepared.is_query and not request.may_mutate:
                message = "Mutations are sent with POST."
                return refused([Problem(message, BAD_REQUEST)], is_forbidden_mutation=True)
            variables = prepared.variables(dict(request.variables))
            weight = self._preparation.refuse_heavy(prepared, variables)
            async with asyncio.timeout(self.settings.seconds):
                if not prepared.is_query:
                    return await self._write(request, prepared)
                if not plainly and not prepared.introspects:
                    with suppress(Broken):
                        return await self._read(request, prepared, variables, weight)
                return await self._execute(request, prepared)
        except Refusal as refusal:
            return refused(refusal.errors)
        except (psycopg.Error, TimeoutError, Problem) as error:
            return refused([problem_of(error)])

    async def _write(self, request: Request, prepared: Prepared) -> Answer:
        """Execute a mutation to its end, even if the caller leaves or time runs out."""
        task = asyncio.create_task(self._execute(request, prepared))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _read(
        self, request: Request, prepared: Prepared, variables: VariableValues, weight: Weight
    ) -> Answer:
        """Answer from the read models; once more over new connections if the old ones are dead."""
        try:
            return await self._compiled(request, prepared, variables, weight)
        except psycopg.OperationalError:
            await self.readers.close()
            return await self._compiled(request, prepared, variables, weight)

    async def _compiled(
        self, request: Request, prepared: Prepared, variables: VariableValues, weight: Weight
    ) -> Answer:
        """Run the statements of a plan and put their texts together. Raises Broken."""
        try:
            asked = [_asked(root, variables) for root in prepared.plan(variables).roots]
        except (GraphQLError, LedgerError) as error:
            raise Refusal([coded(problem_of(error), BAD_INPUT)]) from error
        times = [root.times for root in asked]
        if _wanted(times):
            # Those who wait hold no connection, so that others are answered meanwhile.
            await self.position(self._glance, times)
        async with self.readers.lend() as reader:
            position = await self.position(reader.position)
            tables = frozenset[str]().union(*(root.plan.statement.tables for root in asked))
            present = self.present(position, tables, request.language)
            reply = Reply(present.position, weight.cost)
            for root in asked:
                try:
                    text = await _read(reader, root, present, reply)
                except (psycopg.Error, GraphQLError) as error:
                    if reader.connection.closed:
                        raise
                    reply.fail(root.plan, problem_of(error))
                else:
                    reply.add(root.plan.key, text)
        return reply.answer()

    def present(
        self, position: Position, tables: AbstractSet[str] | None, language: str
    ) -> Present:
        """Give the present of a question over some tables, or over all of them."""
        return Present(position.of(tables), self.clock(), language)

    async def _glance(self) -> Position | None:
        """Look once how far the read models are, over whichever connection is free."""
        async with self.readers.lend() as reader:
            return await reader.position()

    async def position(
        self,
        look: Callable[[], Awaitable[Position | None]],
        times: Sequence[Mapping[str, Any]] = (),
    ) -> Position:
        """Tell how far the read models are, waiting a while if a field asks for more."""
        wanted = _wanted(times)
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
        if done.errors:
            body["errors"] = [masked(error).formatted for error in done.errors]
        body["data"] = done.data
        position = context.position
        if position is not None:
            body["extensions"] = {"position": position}
        return Answer(orjson.dumps(body, default=str), executed=True, position=position)

    async def close(self) -> None:
        """Close the connections."""
        await self.readers.close()


class Context:
    """What resolvers may use while one request is executed."""

    def __init__(self, engine: Engine, request: Request) -> None:
        """Connect only when a field wants to read."""
        self.writer = request.writer
        self.position: int | None = None
        self._engine = engine
        self._request = request
        self._reader: Reader | None = None
        self._position: Position | None = None
        self._lock = asyncio.Lock()

    def now(self) -> datetime:
        """Give the present moment."""
        return self._engine.clock()

    async def reader(self) -> Reader:
        """Give the connection of the request."""
        async with self._lock:
            if self._reader is None:
                self._reader = await self._engine.readers.take()
            return self._reader

    async def clocks(self, times: Mapping[str, Any]) -> Clocks:
        """Resolve the clocks of a root field; all of them see the read models at one position."""
        reader = await self.reader()
        async with self._lock:
            wanted = times.get("atLeast") or 0
            if self._position is None or self._position.reached < wanted:
                self._position = await self._engine.position(reader.position, [times])
                self.position = self._position.reached
            present = self._engine.present(self._position, None, self._request.language)
            return await clocks(reader.connection, times, present)

    async def close(self) -> None:
        """Give the connection back."""
        if self._reader is not None:
            self._engine.readers.give_back(self._reader)
            self._reader = None
