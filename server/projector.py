"""Keep the read models up to date in threads beside the server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler

PATIENCE_SECONDS = 10
SETTLING_SECONDS = 1
"""What is being settled is thrown away when it takes longer, and settled after the next start."""


class Projector:
    """The thread that folds what is appended, woken by each append, and one that settles later."""

    def __init__(self, conninfo: str) -> None:
        """Follow the ledger behind a connection string; `running` starts the thread."""
        self._conninfo = conninfo
        self._stopping = threading.Event()
        self._runner = Runner(conninfo, VIEWS)
        # A daemon: whatever it is doing is rolled back and folded again after the next start.
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._settler = threading.Thread(
            target=Settler(conninfo).run, args=(self._stopping,), name="settler", daemon=True
        )

    @property
    def is_alive(self) -> bool:
        """Tell whether it follows the ledger."""
        return self._thread.is_alive()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Follow the ledger for the length of a `with`."""
        self._thread.start()
        self._settler.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._wake()
            self._thread.join(PATIENCE_SECONDS)
            self._settler.join(SETTLING_SECONDS)

    def _wake(self) -> None:
        """Interrupt the wait for the next append."""
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self._conninfo, autocommit=True) as connection,
        ):
            connection.execute("NOTIFY ledger")

    def _run(self) -> None:
        """Run until told to stop."""
        self._runner.run(self._stopping)
