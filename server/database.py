"""Have a migrated database while something runs: the one named, or an embedded one of our own."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from subprocess import SubprocessError
from typing import TextIO

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from domain.errors import Conflict, LedgerError, NotFound, Refused
from ledger.connection import understood
from ledger.embedded import EmbeddedPostgres
from ledger.folder_server import NotInitialised
from ledger.key_place import with_keys
from ledger.migrate import migrate
from server.settings import Settings
from server.terminal import err


class DatabaseUnreachable(LedgerError):
    """The database does not answer: {value}."""

    code = "database_unreachable"
    cure = "Check DATABASE_URL, or leave it out to use an embedded PostgreSQL."


_OF_THE_SHELL = re.compile(r"""[\s"'`$\\;&|<>()*?\[\]{}~!#%=,\ud800-\udfff]""")
"""What in a path means something to the shell through which the options of the embedded server
pass, or in its address; and bytes that are no letters."""

_OF_THE_LIBRARY = re.compile("PG(?!SERVER_)")
"""The variables of the environment that are about a server, and not about our choice of one."""
_QUOTED = re.compile(r'(?<!=)"(?!=").*"', re.DOTALL)
"""What an error about an address repeats of it; only the "=" that was missing stays."""


class UnwritableDatabase(LedgerError):
    """The database takes no ledger from us: {value}."""

    code = "unwritable_database"
    field = "DATABASE_URL"
    cure = "Name the owner of the database as its user, and a server that takes writes."


@contextmanager
def database(
    settings: Settings, *, as_it_is: bool = False, may_begin: bool = False, alone: bool = False
) -> Iterator[str]:
    """Give the connection string of the migrated database; or of it as it is, to be examined.

    An embedded server is shared by all processes that use the same folder; the last one stops it.
    A folder named wrongly does not become an empty ledger, unless one `may_begin` there. Who comes
    `alone` is refused while others use the folder. Raises NoLedger, StillRunning,
    DatabaseUnreachable, UnsuitableDatabase and UnwritableDatabase.
    """
    if settings.database_url:
        # It would have the last word on the form of dates.
        os.environ.pop("PGDATESTYLE", None)
        address = with_keys(understood(_readable(settings.database_url)), settings.person_keys)
        yield address if as_it_is else _migrated(address)
        return
    if not may_begin:
        _look(settings)
    with _note(settings) as note:
        if alone:
            _take(note, settings)
        # The lock goes when the process does, however it ends, so nothing has to be cleaned up.
        fcntl.flock(note, fcntl.LOCK_SH)
        _forget_other_servers()
        embedded = EmbeddedPostgres(settings.postgres)
        try:
            address = with_keys(understood(_started(embedded, settings)), settings.person_keys)
            yield address if as_it_is else _migrated(address)
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                embedded.stop()


class UnreadableAddress(Refused):
    """DATABASE_URL is no connection string of PostgreSQL: {value}."""

    code = "unreadable_address"
    field = "DATABASE_URL"
    cure = "Write it as postgresql://user@host/database, or leave it out."


class NoLedger(NotFound):
    """There is no ledger in the folder {value}."""

    code = "no_ledger"
    field = "data"
    cure = "Name its folder with --data or LIFECYCLE_DATA; `lifecycle serve` begins a new one."


class UnusableFolder(Refused):
    """The data folder cannot be used: {value}."""

    code = "unusable_folder"
    cure = "Choose a folder that you may write to with --data."


class NotStarted(LedgerError):
    """The embedded PostgreSQL does not start in {value}."""

    code = "database_not_started"
    cure = "Its file `log` there says why; --data chooses another folder."


class NotMade(LedgerError):
    """The embedded PostgreSQL cannot make a database in {value}: {reason}."""

    code = "database_not_made"
    field = "data"
    cure = "Make room there, or choose another folder with --data."


class UnusablePath(Refused):
    """The embedded PostgreSQL cannot work in a folder with {letter} in its path: {value}."""

    code = "unusable_path"
    field = "data"
    cure = "Choose another folder with --data, or name a database with DATABASE_URL."


class StillRunning(Conflict):
    """Another process uses the data folder {value}."""

    code = "still_running"
    cure = "Stop it first."


class ForeignDatabase(Refused):
    """The database that DATABASE_URL names is not ours to empty."""

    code = "foreign_database"
    cure = "Empty it yourself, or leave DATABASE_URL out to use an embedded PostgreSQL."


def clear(settings: Settings) -> None:
    """Throw away the embedded database, with its token, its keys and its last checkpoint.

    Raises StillRunning and ForeignDatabase.
    """
    if settings.database_url:
        raise ForeignDatabase
    with _note(settings) as note:
        _take(note, settings)
        # A server that outlived its killed program must not write into the emptied folder.
        EmbeddedPostgres(settings.postgres).stop()
        shutil.rmtree(settings.postgres, ignore_errors=True)
        for file in (settings.token, settings.signing_key, settings.last_checkpoint):
            file.unlink(missing_ok=True)
        if settings.person_keys_file is None:
            # Elsewhere other ledgers may share it.
            settings.person_keys.unlink(missing_ok=True)


def _forget_other_servers() -> None:
    """Drop what the environment says to PostgreSQL's library; it is about other servers."""
    for name in [name for name in os.environ if _OF_THE_LIBRARY.match(name)]:
        del os.environ[name]


def _readable(address: str) -> str:
    """Check the form of a connection string before anything uses it. Raises UnreadableAddress."""
    try:
        conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        # What it quotes may hold the password.
        raise UnreadableAddress(value=_QUOTED.sub('"…"', str(error).strip())) from error
    return address


def holds_database(settings: Settings) -> bool:
    """Tell whether a database lies in the data folder. Raises UnusableFolder."""
    try:
        return (settings.postgres / "PG_VERSION").exists()
    except OSError as error:
        raise UnusableFolder(value=error) from error


def _look(settings: Settings) -> None:
    """Look whether a database lies in the data folder. Raises NoLedger and UnusableFolder."""
    if not holds_database(settings):
        raise NoLedger(value=settings.data.absolute())


def _note(settings: Settings) -> TextIO:
    """Open the file whose lock tells who uses the data folder. Raises UnusableFolder."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        return (settings.data / "in-use").open("w")
    except OSError as error:
        raise UnusableFolder(value=error) from error


def _take(note: TextIO, settings: Settings) -> None:
    """Have a data folder for ourselves alone. Raises StillRunning."""
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StillRunning(value=settings.data) from error


def _started(embedded: EmbeddedPostgres, settings: Settings) -> str:
    """Start the embedded server. Raises UnusablePath, NotMade and NotStarted."""
    if found := _OF_THE_SHELL.search(str(settings.postgres.resolve())):
        letter = "a blank" if found[0].isspace() else found[0]
        raise UnusablePath(letter=letter, value=settings.data)
    try:
        return embedded.start(_say_it_waits)
    except NotInitialised as error:
        raise NotMade(value=settings.data, reason=error) from error
    except SubprocessError as error:
        raise NotStarted(value=settings.postgres) from error


def _say_it_waits() -> None:
    err.print("PostgreSQL is still starting; after a crash it replays what was not written yet.")


def _migrated(conninfo: str) -> str:
    """Bring the database to the present schema."""
    try:
        migrate(conninfo)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(value=str(error).strip()) from error
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
        raise UnwritableDatabase(value=str(error).strip()) from error
    return conninfo
