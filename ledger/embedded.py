"""Run a PostgreSQL of our own inside a data folder, for a laptop and for tests.

The server outlives a killed program on purpose: whoever starts next on the
same folder takes it over, or starts it again if it is gone too.
"""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.folder_server import FolderServer, PostmasterInfo

DATABASE = "ledger"
_PATIENCE_SECONDS = 60.0
_DYING_SECONDS = 10.0
_ORDERLY_SECONDS = 60.0
_PAUSE_SECONDS = 0.05
_TOLD_AFTER_SECONDS = 3.0
_SIGNALS = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
_NOTE = "postmaster.pid"
_NOTE_LINES = 8
_MAKE_DATABASE = sql.SQL(
    "CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
).format(sql.Identifier(DATABASE))
_SETTINGS = """
# Made by the ledger. Statements are short and many here, so compiling them does not pay,
# and imports write in bursts.
jit = off
max_wal_size = '2GB'
max_connections = 200
"""


class EmbeddedPostgres:
    """A PostgreSQL server whose data lie in a folder and which only this machine can reach."""

    def __init__(self, folder: Path) -> None:
        """Name the data folder; it is made by `start` if need be."""
        self._folder = folder.resolve()

    def start(self, waiting: Callable[[], None] = lambda: None) -> str:
        """Start the server, or take over the one that runs, and give its connection string.

        A server that was killed first replays what it had not written, which may take minutes;
        `waiting` is called when that is so. Raises NotInitialised, subprocess.SubprocessError and
        psycopg.OperationalError.
        """
        if not (self._folder / "PG_VERSION").exists():
            _initialise(self._folder)
        deadline = time.monotonic() + _DYING_SECONDS
        while True:
            was_killed = _settle(self._folder, waiting)
            server = FolderServer(self._folder)
            _start(server, self._folder, _PATIENCE_SECONDS if was_killed else 0.0, waiting)
            try:
                return _database(server.get_uri())
            except psycopg.OperationalError:
                # One that was found may have been killed just before, and gone only now.
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Stop the server if one runs, whoever started it; open transactions are rolled back.

        One that starts still, or recovers from a crash, is stopped too. Signals wait until nothing
        runs.
        """
        with _undisturbed():
            _stop(self._folder)


def _initialise(folder: Path) -> None:
    """Make the data folder beside its place and move it there whole.

    A start that is killed half way must not leave a folder that looks finished.
    Raises NotInitialised.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        FolderServer(unfinished).initialise()
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write(_SETTINGS)
        # Moving onto a folder that is not empty fails: then another start was faster.
        with suppress(OSError):
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    if not (folder / "PG_VERSION").exists():
        raise NotADirectoryError(folder)


def _start(
    server: FolderServer, folder: Path, patience_seconds: float, waiting: Callable[[], None]
) -> None:
    """Start a server; of one that was killed there may be processes that still finish a query.

    The library waits ten seconds. A server that is at work by then is waited for.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with _undisturbed():
                server.start()
        except (subprocess.SubprocessError, AssertionError) as error:
            # It also asserts that a server which it finds starting be ready.
            if _runs(folder):
                time.sleep(_PAUSE_SECONDS)
                _settle(folder, waiting)
            elif time.monotonic() >= deadline:
                raise subprocess.SubprocessError(str(error)) from error
            else:
                time.sleep(_PAUSE_SECONDS)
        else:
            return


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals wait, also for the programs that are started here, which inherit this.

    Ctrl-C reaches all of them at once, and would leave behind what is started or stopped by half.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(folder: Path) -> None:
    """Stop the server of a folder and wait until it is gone.

    One that cannot end in order within a minute ends at once, and recovers at its next start.
    """
    deadline = time.monotonic() + _ORDERLY_SECONDS
    while _runs(folder):
        info = _note(folder)
        if info is not None and info.process is not None and _is_postgres(info, folder):
            in_time = time.monotonic() < deadline
            with suppress(psutil.NoSuchProcess):
                # Repeating it does no harm, and reaches one that was not listening yet.
                info.process.send_signal(signal.SIGINT if in_time else signal.SIGQUIT)
        time.sleep(_PAUSE_SECONDS)


def _settle(folder: Path, waiting: Callable[[], None] = lambda: None) -> bool:
    """Wait until a server found in the folder has started or is gone; tell whether it was killed.

    A killed program may leave one that still starts or recovers, however long that takes. After a
    restart of the machine or container the process id in its notes may name any process; such
    notes are dropped.
    """
    told_at = time.monotonic() + _TOLD_AFTER_SECONDS
    was_killed = is_told = False
    while info := _note(folder):
        if not _is_postgres(info, folder):
            _drop_notes(folder, info)
            was_killed = True
        elif info.status == "ready":
            break
        elif not is_told and time.monotonic() >= told_at:
            waiting()
            is_told = True
        else:
            time.sleep(_PAUSE_SECONDS)
    return was_killed


def _runs(folder: Path) -> bool:
    """Tell whether a server works in the folder, or starts there and has left no note yet."""
    info = _note(folder)
    if info is not None:
        return _is_postgres(info, folder)
    # The shell between pg_ctl and the server has the folder in quotes.
    at_work = re.compile(rf'-D "?{re.escape(str(folder))}"?( |$)')
    return any(
        at_work.search(" ".join(process.info["cmdline"] or ()))
        for process in psutil.process_iter(["cmdline"])
    )


def _drop_notes(folder: Path, info: PostmasterInfo) -> None:
    """Remove what a server that is gone has noted in the folder and beside its socket."""
    for lock in (info.socket_dir or folder).glob(".s.PGSQL.*.lock"):
        if lock.read_text().splitlines()[:2] == [str(info.pid), str(folder)]:
            lock.unlink()
    (folder / _NOTE).unlink(missing_ok=True)


def _note(folder: Path) -> PostmasterInfo | None:
    """Read the note that a running server keeps in its folder."""
    try:
        lines = (folder / _NOTE).read_text().splitlines()
    except FileNotFoundError:
        return None
    # Only the first lines are there while the server starts.
    return PostmasterInfo([*lines, *["0"] * _NOTE_LINES][:_NOTE_LINES]) if lines else None


def _is_postgres(info: PostmasterInfo, folder: Path) -> bool:
    """Tell whether the noted process is a server working in the folder."""
    if info.process is None:
        return False
    # A killed process that nobody has reaped yet, as in a container, has no command line.
    command = info.process.as_dict(["cmdline"], ad_value=None)["cmdline"]
    return str(folder) in (command or ())


def _database(server: str) -> str:
    """Make the ledger's database if the server has none yet; its letters are those of Unicode."""
    # Several processes may start at once on a server that already runs.
    with (
        psycopg.connect(server, autocommit=True) as connection,
        suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation),
    ):
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
        if (DATABASE,) not in names:
            connection.execute(_MAKE_DATABASE)
    return make_conninfo(server, dbname=DATABASE)
