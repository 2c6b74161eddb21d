"""Check runs in several processes; each takes the next run that nobody has taken."""

import signal
from collections.abc import Generator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from os import _exit, cpu_count, read, write
from struct import Struct
from threading import Thread
from typing import NamedTuple

import psycopg

from domain.errors import LedgerError
from ledger.collection import collect_rarely
from ledger.verification.part import Part, Run, check_part

_WIDEST = 1 << 14
_NARROWEST = 1 << 12
_ALONE = 20_000
"""Up to so many events one process is faster than starting others."""
_TICKET = Struct("!q")
"""The number of a run, as it is handed out."""


class ProcessEnded(LedgerError):
    """A process that checked events was ended from outside."""

    code = "process_ended"
    cure = "Verify again; where memory is short, with --processes 1."


class _Taken(NamedTuple):
    """What became of the run with a number."""

    number: int
    part: Part


class _Division(NamedTuple):
    """How events are divided into runs; all but the last are of one width."""

    size: int
    width: int

    def runs(self) -> list[Run]:
        """Give all runs in order."""
        starts = range(0, self.size, self.width)
        return [Run(start, min(start + self.width, self.size)) for start in starts]


class _Taker:
    """Checks runs over a connection of its own, one run being too short for one."""

    def __init__(
        self, conninfo: str, division: _Division, tickets: "Connection[bytes, bytes]"
    ) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._runs = division.runs()
        self._tickets = tickets
        # All processors are at work already.
        self._connection.execute("SET max_parallel_workers_per_gather = 0")

    def take(self) -> _Taken | None:
        """Check the next run; None if all are taken."""
        # All processes read from one pipe, which gives each ticket to one of them. A lock that they
        # shared would be held for ever by one that is killed.
        ticket = read(self._tickets.fileno(), _TICKET.size)
        if not ticket:
            return None
        (number,) = _TICKET.unpack(ticket)
        return _Taken(number, check_part(self._connection, self._runs[number]))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


_taker: _Taker | None = None
"""The one of a process that was started to check runs."""


def parts(conninfo: str, size: int, processes: int | None = None) -> Generator[Part]:
    """Check everything up to a size in runs, and give what was read in order.

    There are as many processes as processors unless it is said; this one is among them, and those
    that are started end with the iterator.
    """
    wanted = (cpu_count() or 1) if processes is None else processes
    division = _divided(size)
    if size <= _ALONE or wanted <= 1:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield from (check_part(connection, run) for run in division.runs())
        return
    # Other processes are started afresh: a copy of this one would share its connections. Starting
    # takes a moment, in which this process is at work already.
    context = get_context("spawn")
    tickets, dispenser = context.Pipe(duplex=False)
    given = (conninfo, division, tickets)
    with ExitStack() as stack:
        stack.callback(tickets.close)
        handing_out = Thread(target=_hand_out, args=(dispenser, len(division.runs())), daemon=True)
        handing_out.start()
        executor = ProcessPoolExecutor(wanted - 1, context, _begin, given)
        stack.callback(executor.shutdown, cancel_futures=True)
        try:
            pending = {executor.submit(_take) for _ in division.runs()}
            taker = _Taker(*given)
            stack.callback(taker.close)
            yield from _in_order(taker, pending)
        except BrokenProcessPool as error:
            raise ProcessEnded from error


def _hand_out(dispenser: "Connection[bytes, bytes]", runs: int) -> None:
    """Give out a ticket for each run, in order, for as long as somebody may take them."""
    with dispenser, suppress(BrokenPipeError):
        for number in range(runs):
            write(dispenser.fileno(), _TICKET.pack(number))


def _divided(size: int) -> _Division:
    """Make runs so many that no process waits long for another's last."""
    width = _WIDEST
    while width > _NARROWEST and size < 16 * width:
        width //= 2
    return _Division(size, width)


def _in_order(taker: _Taker, pending: set[Future[_Taken | None]]) -> Generator[Part]:
    """Take runs here as long as there are any, and give all of them by their numbers."""
    found: dict[int, Part] = {}
    for number in range(len(pending)):
        while number not in found:
            taken = taker.take()
            done, pending = wait(pending, 0 if taken else None, FIRST_COMPLETED)
            results = [taken, *(future.result() for future in done)]
            found.update(each for each in results if each is not None)
        yield found.pop(number)


def _begin(conninfo: str, division: _Division, tickets: "Connection[bytes, bytes]") -> None:
    """Make a process ready that was started to check runs."""
    Thread(target=_end_with_parent, daemon=True).start()
    global _taker  # noqa: PLW0603 - a process has no other place for what its tasks share
    # Ctrl-C reaches every process of a terminal; the one that started this one says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    _taker = _Taker(conninfo, division, tickets)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, which was killed perhaps."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    _exit(1)


def _take() -> _Taken | None:
    """Check a run in such a process."""
    assert _taker is not None
    return _taker.take()
