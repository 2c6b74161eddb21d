"""Export for whoever sits at the machine of the ledger: the same files, without a server."""

import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.engine import Engine
from api.engine import Settings as EngineSettings
from api.extraction import roots_of
from api.request import Request
from api.serving import engine_over

from domain.errors import Conflict, NotFound
from projections.catalogue import VIEWS
from projections.runner import Runner
from server.exports.about import About
from server.exports.asked import origin_of
from server.exports.catalogue import READ, documents, operations
from server.exports.refusals import UnknownExport, translated
from server.exports.sealed import record_names
from server.exports.tables import OperationTable, ReadModelTable, Table, Wanted, request_of
from server.exports.writing import gathered, scratch_file, written
from server.house import House, opened
from server.settings import Settings
from server.stopping import run

STDOUT = Path("-")
SECONDS = 600.0
"""How long one question of an export may take; nobody else waits for it here."""


class TargetTaken(Conflict):
    """There is a file already: {value}."""

    code = "target_taken"
    cure = "Name another file, or remove this one first."


class Unwritable(NotFound):
    """The file cannot be written: {value}: {reason}."""

    code = "unwritable"
    cure = "Name a file in a folder that exists and that you may write to."


class Unreadable(NotFound):
    """The query cannot be read: {value}: {reason}."""

    code = "unreadable"
    cure = "Name an operation, a read model as read.projects, or a file with a query."


@dataclass(frozen=True, slots=True)
class Desk:
    """What an export needs at the machine of the ledger."""

    house: House
    engine: Engine
    request: Request
    origin: str

    async def record(self, called: tuple[str, str], about: About, names: int) -> None:
        """Record that names leave the ledger, if any do."""
        if names:
            await record_names(self.house, called, about, names)


@dataclass(frozen=True, slots=True)
class Done:
    """What was written: where, of what, how much."""

    target: Path
    abouts: Sequence[About]
    size: int
    names: int

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        about = self.abouts[0]
        return {
            "file": str(self.target),
            "bytes": self.size,
            "known_position": about.known,
            "known_at": about.known_at,
            "on": about.on,
            "names": self.names,
        }


def at_desk(
    settings: Settings, conninfo: str, language: str, work: Callable[[Desk], Awaitable[Done]]
) -> Done:
    """Bring the read models up to date and work with them. Raises LedgerError."""
    Runner(conninfo, VIEWS).catch_up()

    async def over() -> Done:
        engine = engine_over(
            conninfo,
            settings=EngineSettings(seconds=SECONDS),
            statement_seconds=SECONDS,
        )
        try:
            async with opened(settings, conninfo) as house:
                desk = Desk(house, engine, Request(language=language), await origin_of(house))
                return await work(desk)
        finally:
            await engine.close()

    return run(over())


def asked_for(desk: Desk, name: str, variables: Mapping[str, Any]) -> tuple[Request, str]:
    """Find the query that a name means: an operation, or a file; and its title."""
    words = operations().get(name)
    if words is not None:
        title = words.zh if desk.request.language == "zh" else words.en
        return request_of(desk.request, documents()[name], variables), title
    path = Path(name)
    if not path.suffix:
        raise UnknownExport(reason=f"No operation is called {name!r}.", field="name", value=name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(value=name, reason=error) from error
    return request_of(desk.request, text, variables), path.stem


def tables_for(
    desk: Desk,
    name: str,
    wanted: Wanted,
    *,
    variables: Mapping[str, Any],
    key: str | None,
    rows: str | None,
    several: bool,
) -> Sequence[Table]:
    """Find the tables that a name means; all fields of a query where several are wanted."""
    with translated():
        if name.startswith(READ):
            model = name.removeprefix(READ)
            return [ReadModelTable(desk.engine, desk.request, wanted, model)]
        request, title = asked_for(desk, name, variables)
        keys: Sequence[str | None] = [key]
        if several and key is None:
            keys = list(roots_of(desk.engine, request))
        return [
            OperationTable(
                desk.engine,
                request,
                wanted,
                title=title if len(keys) == 1 else f"{title} {each}",
                key=each,
                rows=rows,
            )
            for each in keys
        ]


async def bound(desk: Desk, target: Path, tables: Sequence[Table], scope: str) -> Done:
    """Write tables into a workbook, and record the names in it before it is there."""

    async def write(path: Path) -> Sequence[About]:
        return await gathered(tables, path, desk.request.language)

    def names() -> int:
        return sum(table.names for table in tables if table.may_tell_names)

    return await put(desk, target, write, names, ("xlsx", scope))


async def poured(
    desk: Desk,
    target: Path,
    pieces: AsyncGenerator[bytes],
    *,
    about: Callable[[], Awaitable[About]],
    names: Callable[[], int],
    called: tuple[str, str],
) -> Done:
    """Write pieces into a file, and record the names in them before it is there."""

    async def write(path: Path) -> Sequence[About]:
        await written(pieces, path)
        return [await about()]

    return await put(desk, target, write, names, called)


async def put(
    desk: Desk,
    target: Path,
    write: Callable[[Path], Awaitable[Sequence[About]]],
    names: Callable[[], int],
    called: tuple[str, str],
) -> Done:
    """Write beside the target and move it there when it is whole, so that none is half a file."""
    refuse_taken(target)
    with scratch_file(called[0]) as path:
        with translated():
            abouts = await write(path)
        count = names()
        await desk.record(called, abouts[0], count)
        size = path.stat().st_size
        _deliver(path, target)
    return Done(target, abouts, size, count)


def refuse_taken(target: Path) -> None:
    """Refuse a target before anything is done. Raises TargetTaken."""
    if target != STDOUT and target.exists():
        raise TargetTaken(value=target)


def _deliver(path: Path, target: Path) -> None:
    """Put a finished file where it is wanted. Raises Unwritable and TargetTaken."""
    if target == STDOUT:
        with path.open("rb") as source:
            _copy(source, sys.stdout.buffer)
        return
    try:
        with path.open("rb") as source, target.open("xb") as goal:
            _copy(source, goal)
    except FileExistsError as error:
        raise TargetTaken(value=target) from error
    except OSError as error:
        raise Unwritable(value=target, reason=error.strerror) from error


def _copy(source: Any, goal: Any) -> None:
    while piece := source.read(1 << 20):
        goal.write(piece)
    goal.flush()
