"""Prepare the ledgers once; each attack gets a copy of its own."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from typer.testing import CliRunner

from domain.draft import Draft
from domain.envelope import Actor
from intake import tokens
from intake.grant import Grant, Right
from ledger.clock import utc_now
from ledger.export import export_log
from ledger.note import Signer
from ledger.verification.guards import ROWS_CHANGED
from projections.catalogue import VIEWS
from projections.runner import Runner
from server.program import program
from tests.attacks.histories import KEPT, Office, changed, facts
from tests.databases import at, create, drop

TABLES = (
    *("events", "heads", "tiles", "aliases", "mentions", "person_names"),
    *("checkpoints", "cosignatures"),
    *("tokens", "token_revocations", "quarantine", "quarantine_decisions", "superseded"),
    *("batches", "batch_parts", "batch_rows", "denials"),
)


FOUND: set[str] = set()
"""The checks that found something in the present test."""


@pytest.fixture(autouse=True)
def _finder_is_true(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare what is said to find an attack with what found it."""
    FOUND.clear()
    yield
    attack = getattr(request.function, "attack", None)
    if attack is not None and "lifecycle verify" in attack.finder:
        assert attack.checks <= FOUND


@dataclass(frozen=True, slots=True)
class Verdict:
    """How `lifecycle verify` ended, and which checks found something."""

    code: int
    found: dict[str, int]
    messages: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed ledger to copy from, with what auditors kept of it and what was published."""

    office: Office
    drafts: list[Draft]
    notes: dict[int, str]
    published: Path


@dataclass(frozen=True, slots=True)
class Scene:
    """A copy of a prepared ledger, to be attacked."""

    office: Office
    prepared: Prepared

    @contextmanager
    def unguarded(self) -> Iterator[psycopg.Connection[Any]]:
        """Act as superuser with all guards off, and put them back as if nothing had happened."""
        with psycopg.connect(self.office.database, autocommit=True) as connection:
            for table in TABLES:
                connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL".encode())
            connection.execute("ALTER TABLE ledger.events DROP CONSTRAINT leaf_hash_is_of_bytes")
            yield connection
            connection.execute(
                "ALTER TABLE ledger.events ADD CONSTRAINT leaf_hash_is_of_bytes"
                " CHECK (leaf_hash = sha256('\\x00'::bytea || bytes)) NOT VALID"
            )
            connection.execute(
                "UPDATE pg_constraint SET convalidated = true"
                " WHERE conname = 'leaf_hash_is_of_bytes'"
            )
            for table in TABLES:
                connection.execute(
                    f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER only_grows".encode()
                )
            for table, (name, _) in ROWS_CHANGED.items():
                connection.execute(
                    f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {name}".encode()
                )

    def keep(self, size: int = KEPT) -> Path:
        """Give the file of a checkpoint that an auditor kept."""
        path = self.office.folder / f"kept-{size}"
        path.write_text(self.prepared.notes[size])
        return path

    def verify(self, *options: str | Path) -> Verdict:
        """Run `lifecycle verify` on it."""
        arguments = ["verify", "--json", "--processes", "1", "--data", str(self.office.folder)]
        result = CliRunner().invoke(
            program,
            [*arguments, *map(str, options)],
            env={"DATABASE_URL": self.office.database},
        )
        told = json.loads(result.stdout) if result.stdout.startswith("{") else {"found": {}}
        assert (result.exit_code == 0) == told.get("ok", False), "the exit code says so"
        assert "ok" not in told or told["ok"] is not bool(told["found"])
        FOUND.update(told["found"])
        return Verdict(result.exit_code, told["found"], json.dumps(told) + str(result.exception))


@contextmanager
def copying(server: str) -> Iterator[Callable[[str], str]]:
    """Give what makes copies of a database; dropped early, they are never written to the disk."""
    made = []

    def make(template: str) -> str:
        made.append(create(server, template))
        return at(server, made[-1])

    yield make
    for name in made:
        drop(server, name)


@pytest.fixture
def fresh(server: str) -> Iterator[Callable[[str], str]]:
    """Give what makes copies for a test."""
    with copying(server) as make:
        yield make


@pytest.fixture(scope="session")
def lasting(server: str) -> Iterator[Callable[[str], str]]:
    """Give what makes copies for the whole run."""
    with copying(server) as make:
        yield make


@pytest.fixture(scope="session")
def prepared(
    lasting: Callable[[str], str], modelled: str, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """Give a signed ledger with read models, and its published files."""
    office = Office(lasting(modelled), tmp_path_factory.mktemp("office"))
    drafts = facts()
    notes = office.record(drafts)
    Runner(office.database, VIEWS).catch_up()
    published = tmp_path_factory.mktemp("published")
    with psycopg.connect(office.database, autocommit=True) as connection:
        export_log(connection, published, lambda *_: None)
    return Prepared(office, drafts, notes, published)


@pytest.fixture
def scene(prepared: Prepared, fresh: Callable[[str], str], tmp_path: Path) -> Scene:
    """Give a copy of the prepared ledger."""
    return Scene(Office(copied(prepared.office, fresh), _folder(prepared, tmp_path)), prepared)


@pytest.fixture(scope="session")
def rebuilt(
    prepared: Prepared,
    lasting: Callable[[str], str],
    migrated: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Office]:
    """Give what builds another history from some place on, with the same key or another one."""

    @cache
    def build(place: int, *, key: Signer) -> Office:
        office = Office(lasting(migrated), tmp_path_factory.mktemp("rebuilt"))
        file = office.desk.keys.path
        file.write_text(key.text)
        file.chmod(0o600)
        office.record(changed(prepared.drafts, place))
        return office

    return build


def copied(office: Office, fresh: Callable[[str], str]) -> str:
    """Copy a database."""
    with psycopg.connect(office.database) as connection:
        name = connection.info.dbname
    return fresh(name)


def _folder(prepared: Prepared, folder: Path) -> Path:
    copy = folder / "office"
    shutil.copytree(prepared.office.folder, copy)
    return copy


@pytest.fixture
def lifecycle(scene: Scene) -> Callable[..., Any]:
    """Give what runs a command as somebody, and expects it to end well."""

    def run(*arguments: str, token: str | None = None, code: int = 0, text: str = "") -> Any:
        acting = ["--token", token] if token else []
        result = CliRunner().invoke(
            program,
            [*arguments, *acting, "--data", str(scene.office.folder), "--json"],
            env={"DATABASE_URL": scene.office.database},
            input=text,
        )
        assert result.exit_code == code, (result.output, result.exception)
        lines = result.stdout.strip()
        return json.loads(lines) if lines else result.exception

    return run


@pytest.fixture
def second(scene: Scene) -> str:
    """Give the token of a second person, who may do everything."""
    grant = Grant(Actor("second", "audit office", "auditor", name="赵某"), frozenset(Right))

    async def issue() -> str:
        async with await AsyncConnection.connect(
            scene.office.database, autocommit=True
        ) as connection:
            return (await tokens.issue(connection, grant, label="second", at=utc_now())).secret

    return asyncio.run(issue())
