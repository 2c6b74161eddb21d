"""Write the whole ledger into one file that is checked when it is written and when it is read.

The file is a zip of the tables as PostgreSQL copies them, with a manifest of
their digests. Names of persons are locked in them as they lie in the database, under keys that
stay outside.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import IO, Any, Final

import msgspec
import psycopg
from psycopg import Connection, sql

from domain.errors import Refused
from ledger.checkpoints import last_signed
from ledger.durable_file import sync_folder
from ledger.reading import Head, head
from ledger.usable_target import UnusableTarget, usable
from ledger.verification.copied import leaves_in

FORMAT: Final = 2
"""In format 1 names were locked another way."""
MANIFEST: Final = "manifest.json"
_LEFT_OUT = frozenset({"migrations"})
Progress = Callable[[int, int], None]
_DAMAGED = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
    *(LookupError, ValueError, TypeError, msgspec.ValidationError),
)
"""What reading a zip file that is none, or that somebody changed, may end with."""

_TABLES = """
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""


class DamagedBackup(Refused):
    """The backup {value} is not whole: {reason}."""

    code = "damaged_backup"
    cure = "Use another backup; nothing was restored from this one."


class OtherBackup(DamagedBackup):
    """The backup {value} is of format {found}, this program knows format {known}."""

    code = "other_backup"
    cure = "Restore it with the program that wrote it, and start this one on that database."


@dataclass(frozen=True, slots=True)
class Table:
    """How a table was copied, and the digest of the copy."""

    columns: list[str]
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    format: int
    migration: int
    size: int
    root: str
    checkpoint: str | None
    tables: dict[str, Table]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a backup's manifest. Raises DamagedBackup."""
        try:
            with zipfile.ZipFile(path) as archive:
                document = json.loads(archive.read(MANIFEST))
            found = document["format"]
            if found != FORMAT:
                raise OtherBackup(value=path, found=found, known=FORMAT)
            manifest = msgspec.convert(document, cls)
        except _DAMAGED as error:
            raise DamagedBackup(value=path, reason=error) from error
        return manifest


def back_up(conninfo: str, path: Path, progress: Progress) -> Manifest:
    """Write a backup, read it back, and give what it holds.

    Raises DamagedBackup and UnusableTarget.
    """
    with usable(path):
        return _back_up(conninfo, path, progress)


def _back_up(conninfo: str, path: Path, progress: Progress) -> Manifest:
    if path.is_dir():
        raise UnusableTarget(value=path, reason="it is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own, which no other backup to the same place writes into.
    beside = Path(mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        part = beside / path.name
        with psycopg.connect(conninfo) as connection:
            # One snapshot for all tables; who appends meanwhile is not in it.
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            manifest = _write(connection, part, progress)
        check_backup(part)
        part.replace(path)
    finally:
        rmtree(beside, ignore_errors=True)
    sync_folder(path.absolute().parent)
    return manifest


def check_backup(path: Path) -> Manifest:
    """Read every byte of a backup: digests of all tables, and the tree over the events.

    Raises DamagedBackup.
    """
    manifest = Manifest.read(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for table, told in manifest.tables.items():
                with archive.open(table) as member:
                    digest = sha256()
                    for piece in _pieces(member):
                        digest.update(piece)
                if digest.hexdigest() != told.sha256:
                    raise DamagedBackup(value=path, reason=f"{table} is not what was written")
            with archive.open("events") as member:
                edge = leaves_in(member, manifest.tables["events"].columns)
    except _DAMAGED as error:
        raise DamagedBackup(value=path, reason=error) from error
    if (edge.size, edge.root().hex()) != (manifest.size, manifest.root):
        raise DamagedBackup(value=path, reason="the events are not those of its tree head")
    return manifest


def _write(connection: Connection[Any], path: Path, progress: Progress) -> Manifest:
    """Write all tables and the manifest."""
    tables = [
        (table, columns)
        for table, columns in connection.execute(_TABLES).fetchall()
        if table not in _LEFT_OUT
    ]
    told = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for done, (table, columns) in enumerate(tables):
            digest = sha256()
            with archive.open(table, "w", force_zip64=True) as member:
                for piece in _copied(connection, table, columns):
                    digest.update(piece)
                    member.write(piece)
            told[table] = Table(columns, digest.hexdigest())
            progress(done + 1, len(tables))
        manifest = _manifest(connection, head(connection), told)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True))
    return manifest


def _manifest(connection: Connection[Any], top: Head, told: dict[str, Table]) -> Manifest:
    """Say what was written."""
    [(migration,)] = connection.execute("SELECT max(number) FROM ledger.migrations").fetchall()
    signed = last_signed(connection)
    return Manifest(
        FORMAT,
        int(migration),
        top.size,
        top.root.hex(),
        None if signed is None else signed.note,
        told,
    )


def _copied(connection: Connection[Any], table: str, columns: list[str]) -> Iterator[bytes]:
    """Copy a table out."""
    order = sql.SQL(" ORDER BY position") if table == "events" else sql.SQL("")
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT binary)").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier("ledger", table), order
    )
    with connection.cursor().copy(statement) as copy:
        for piece in copy:
            yield bytes(piece)


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    """Read a member in pieces."""
    while piece := member.read(1 << 20):
        yield piece
