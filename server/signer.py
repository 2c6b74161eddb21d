"""Sign the head about once a second in a thread beside the server, and remember why not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from domain.errors import Conflict, LedgerError
from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.key_file import KeyFile, new_name
from ledger.last_checkpoint import LastCheckpoint
from ledger.signing import Desk, describe
from server.settings import Settings

PATIENCE_SECONDS = 10


def desk_of(settings: Settings) -> Desk:
    """Give the desk whose key and last checkpoint lie where the settings say."""
    return Desk(
        KeyFile(settings.signing_key),
        LastCheckpoint(settings.last_checkpoint),
        name=settings.origin or new_name(),
    )


class Signer:
    """The thread that signs what was appended."""

    def __init__(self, settings: Settings, conninfo: str) -> None:
        """Sign the ledger behind a connection string; `running` starts the thread."""
        self._conninfo = conninfo
        self._seconds = settings.signing_seconds
        self._desk = desk_of(settings)
        self._stopping = threading.Event()
        # A daemon: a signing that is cut off is made good after the next start.
        self._thread = threading.Thread(target=self._run, name="signer", daemon=True)
        self.described: dict[str, Any] = {"problem": None}
        """What was signed last, and why nothing is signed any more, as of the last round."""

    @property
    def is_alive(self) -> bool:
        """Tell whether it signs."""
        return self._thread.is_alive()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sign for the length of a `with`."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        """Sign round after round until told to stop, over one connection while it lasts."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(SET_ROLE, [APPLICATION_ROLE])
                    self._follow(connection)
            except psycopg.OperationalError:
                # The database is away; health tells that by itself.
                self._stopping.wait(self._seconds)

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        """Sign over one connection until told to stop."""
        while True:
            try:
                self._desk.sign(connection)
            except Conflict:
                # Another process has signed; the next round sees what it signed.
                continue
            except LedgerError as error:
                self.described["problem"] = f"{error} ({error.code}) {error.cure}"
            else:
                self.described = describe(connection, self._desk)
            if self._stopping.wait(self._seconds):
                return
