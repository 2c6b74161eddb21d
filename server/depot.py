"""Keep bundles that were asked for over GraphQL until they are fetched, for an hour at most.

A bundle is a file in the data folder, named by a secret and by the right that its reader needs; so
whatever a program that was killed left behind is known for what it is, and goes with its hour.
"""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import UUID

from api.receiving import BundleWish
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from domain.errors import Conflict, Malformed, NotFound, Refused
from domain.flexdate import beijing_day
from intake.grant import Grant, Right
from ledger.clock import utc_now
from ledger.evidence.collect import Scope
from ledger.publication import NoSuchEvent
from projections.judging.sight import shown
from server.bearer import granted, unauthorized
from server.bundling import hand_out
from server.history import UnknownProject, stream_of
from server.house import House
from server.operator import OPERATOR
from server.problems import RETRY_AFTER, problem

KEPT: timedelta = timedelta(hours=1)
MOST = 20
"""How many bundles are kept at once."""
LARGEST = 512 * 2**20
"""Bytes of events that one bundle may hold; larger ones are for the command line."""
_WAITED_SECONDS = 6.0
"""How long the answer waits for the file; a request has ten seconds."""


class Forbidden(Refused):
    """A bundle of the whole ledger, or with names, is for those who administer it."""

    code = "forbidden"
    field = "token"
    cure = 'Use a token with the right "admin".'


class TooLarge(Refused):
    """A bundle over {value} bytes of events is too large to be handed out over GraphQL."""

    code = "bundle_too_large"
    cure = "Ask for less, or use `lifecycle bundle` where the ledger is."


class Busy(Conflict):
    """Another bundle is being made, or too many wait to be fetched."""

    code = "bundles_busy"
    cure = "Ask again in a while."


class NoSuchBundle(NotFound):
    """There is no bundle {value}, or not any more."""

    code = "unknown_bundle"
    cure = "Ask for a new one; each is kept for an hour."


@dataclass
class Depot:
    """Makes bundles one at a time, and keeps them."""

    house: House
    waited_seconds: float = _WAITED_SECONDS
    _making: dict[str, asyncio.Task[dict[str, Any]]] = field(default_factory=dict)

    @property
    def _folder(self) -> Path:
        return self.house.settings.data / "bundles"

    async def hand_out(self, wish: BundleWish, grant: Grant) -> dict[str, Any]:
        """Make a bundle, and say where it can be fetched, perhaps a moment before it is ready.

        Raises Forbidden, Malformed, UnknownProject, TooLarge, Busy and NoSuchEvent.
        """
        needed = Right.ADMIN if wish.everything or wish.with_names else Right.READ
        if needed not in grant.rights or (wish.everything and grant.reach is not None):
            self.house.denials.note("bundle", Forbidden.code, grant)
            raise Forbidden
        scope = await self._scope(wish, grant)
        if any(not task.done() for task in self._making.values()):
            raise Busy
        name = secrets.token_urlsafe(24)
        # Names leave in the name of the person who asked, whatever systems the token is for.
        in_name_of = replace(OPERATOR, actor=grant.actor)
        target = self._folder / f"{name}.{needed}.zip"
        work = self._make(target, scope, in_name_of, with_names=wish.with_names)
        self._making = {name: asyncio.create_task(work)}
        return await self._told(name, self._making[name])

    async def _told(self, name: str, task: asyncio.Task[dict[str, Any]]) -> dict[str, Any]:
        """Say what became of a bundle so far."""
        told = {
            "id": name,
            "address": f"/bundles/{name}",
            "expires_at": utc_now() + KEPT,
        }
        with suppress(TimeoutError):
            # A caller who leaves, or waits no longer, does not stop the work.
            made = await asyncio.wait_for(asyncio.shield(task), self.waited_seconds)
            return {**told, "ready": True, **made}
        return {**told, "ready": False}

    async def _scope(self, wish: BundleWish, grant: Grant) -> Scope:
        """Read what a bundle is to be about, within bounds and within reach."""
        given = [wish.project is not None, bool(wish.events), wish.everything]
        if given.count(True) != 1:
            raise Malformed(
                code="unclear_scope",
                field="scope",
                cure="Give one of `project`, `events` and `everything: true`.",
            )
        scope = Scope(events=tuple(map(_identifier, wish.events)))
        async with self.house.pool.connection() as connection:
            if wish.project is not None:
                scope = Scope(await stream_of(connection, wish.project))
            await self._see(connection, wish, scope, grant)
            size = await _bytes_of(connection, scope)
        if size > LARGEST:
            raise TooLarge(value=size)
        return scope

    async def _see(
        self, connection: AsyncConnection[Any], wish: BundleWish, scope: Scope, grant: Grant
    ) -> None:
        """Know nothing of what is beyond the caller's reach. Raises UnknownProject, NoSuchEvent."""
        reach, today = grant.reach, beijing_day(utc_now())
        streams = [] if scope.stream is None else [scope.stream]
        if (
            not await shown(connection, reach, "ledger.events.stream", streams, on=today)
            and streams
        ):
            self.house.denials.note("bundle", "beyond_reach", grant, wish.project)
            raise UnknownProject(value=wish.project)
        told = await shown(connection, reach, "ledger.events.id", scope.events, on=today)
        for event in scope.events:
            if event not in told:
                self.house.denials.note("bundle", "beyond_reach", grant, event)
                raise NoSuchEvent(value=event)

    async def _make(
        self, target: Path, scope: Scope, grant: Grant, *, with_names: bool
    ) -> dict[str, Any]:
        """Write a bundle and say what is in it."""
        await asyncio.to_thread(self._make_room)
        made = await hand_out(self.house, target, scope, with_names=with_names, grant=grant)
        kept = ("scope", "size", "events", "files", "names", "verifier_key")
        return {**{key: made[key] for key in kept}, **await asyncio.to_thread(_file, target)}

    def _make_room(self) -> None:
        """Throw away what is too old. Raises Busy where too much is left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        left = 0
        for path in self._folder.iterdir():
            age = utc_now() - datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if age > KEPT:
                _remove(path)
            else:
                left += 1
        if left >= MOST:
            raise Busy

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Throw away what is too old while the program runs, and end no work half-way."""
        cleaning = asyncio.create_task(self._keep_clean())
        try:
            yield
        finally:
            cleaning.cancel()
            await asyncio.gather(cleaning, *self._making.values(), return_exceptions=True)

    async def _keep_clean(self) -> None:
        while True:
            with suppress(Busy, OSError):
                await asyncio.to_thread(self._make_room)
            await asyncio.sleep(KEPT.total_seconds() / 12)

    def found(self, name: str) -> tuple[Path, Right] | None:
        """Find a bundle with the right that its reader needs."""
        for right in (Right.READ, Right.ADMIN):
            path = self._folder / f"{name}.{right}.zip"
            if path.is_file():
                return path, right
        return None

    async def outcome(self, name: str) -> bool:
        """Tell whether a bundle is still being made; raises what stopped it."""
        task = self._making.get(name)
        if task is None:
            return False
        if task.done():
            task.result()
        return not task.done()


async def fetch_bundle(request: Request) -> Response:
    """Give a bundle that was asked for by mutation; 202 while it is being made."""
    depot: Depot = request.app.state.depot
    name = request.path_params["bundle"]
    grant = await granted(request)
    if grant is None:
        return unauthorized()
    if await depot.outcome(name):
        answer = problem(202, "being_made", "Ask again in a moment.")
        answer.headers.update(RETRY_AFTER)
        return answer
    found = depot.found(name) if name.replace("-", "").replace("_", "").isalnum() else None
    if found is None:
        raise NoSuchBundle(value=name)
    path, right = found
    if right not in grant.rights:
        raise Forbidden
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type="application/zip", filename="bundle.zip", headers=headers)


async def _bytes_of(connection: AsyncConnection[Any], scope: Scope) -> int:
    """Add up the bytes of the events of a scope."""
    row = await (
        await connection.execute(
            "SELECT coalesce(sum(length(bytes)), 0) FROM ledger.events WHERE CASE"
            " WHEN %(stream)s::text IS NOT NULL THEN stream = %(stream)s::text"
            " WHEN %(events)s::uuid[] <> '{}' THEN id = ANY (%(events)s::uuid[]) ELSE true END",
            {"stream": scope.stream, "events": list(scope.events)},
        )
    ).fetchone()
    assert row is not None
    return int(row[0])


def _identifier(text: str) -> str:
    """Read the id of an event. Raises Malformed."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Malformed(
            code="invalid_value", field="events", value=text, cure="Name events by their ids."
        ) from error


def _file(path: Path) -> dict[str, Any]:
    """Describe a file that was written."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
