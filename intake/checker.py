"""Have another process check lines, so that a long file keeps two processors busy.

It is started only for whoever brings many lines, and lives as long as it is of use. Should it end,
nothing is lost: what it did not answer is checked in this process.
"""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from math import inf
from struct import Struct

import msgspec

from intake.checking import Found, Task

LENGTH = Struct("!I")
"""Before each message stands how long it is."""
PORTION = 500
"""Lines sent together; while some are checked, the ones before them are already taken in."""
_BUFFERED = 2**22
_PATIENCE_SECONDS = 5.0
_PROCESSORS_NEEDED = 2
_PAUSE_SECONDS = 60.0
"""So long after it failed it is not started again."""

_log = logging.getLogger(__name__)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Found).decode


class Checker:
    """The other process, while there is one."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: Process | None = None
        self._working: asyncio.Task[None] | None = None
        self._awaited: deque[tuple[int, asyncio.Future[Found]]] = deque()
        self._not_before = -inf

    @property
    def is_there(self) -> bool:
        """Tell whether lines can be sent."""
        return self._process is not None

    def begin(self) -> None:
        """Start it, unless it is there already or there is only one processor to work on."""
        if self._working is not None or (os.cpu_count() or 1) < _PROCESSORS_NEEDED:
            return
        now = asyncio.get_running_loop().time()
        if now >= self._not_before:
            self._not_before = now + _PAUSE_SECONDS
            self._working = asyncio.create_task(self._work())

    def check(self, task: Task) -> Sequence[asyncio.Future[Found]]:
        """Send lines and give what will be found out about them, portion by portion."""
        loop = asyncio.get_running_loop()
        futures = []
        for start in range(0, len(task.lines), PORTION):
            lines = task.lines[start : start + PORTION]
            future: asyncio.Future[Found] = loop.create_future()
            part = msgspec.structs.replace(task, lines=lines, first_row=task.first_row + start)
            futures.append(future)
            self._send(part, future)
        return futures

    async def close(self) -> None:
        """End it, and whatever it still had to do."""
        working, self._working = self._working, None
        if working is not None:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def _send(self, task: Task, future: asyncio.Future[Found]) -> None:
        """Send one portion; where nobody is there to check it, nothing is found."""
        process = self._process
        if process is None or process.stdin is None:
            future.set_result([None] * len(task.lines))
            return
        message = _encode(task)
        self._awaited.append((len(task.lines), future))
        process.stdin.writelines([LENGTH.pack(len(message)), message])

    async def _work(self) -> None:
        """Start the process and hand on what it answers, for as long as it runs."""
        command = (sys.executable, "-m", "intake.checking_process")
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, limit=_BUFFERED
            )
        except OSError as error:
            _log.warning("No process can be started to check lines: %s", error)
            self._working = None
            return
        try:
            await self._answers_of(process)
            _log.warning("The process that checks lines has ended; they are checked in this one.")
        finally:
            self._process = self._working = None
            self._hand_on_nothing()
            await _ended(process)

    async def _answers_of(self, process: Process) -> None:
        """Hand on what a process answers until it ends; the first answer says that it is there."""
        assert process.stdout is not None
        while message := await _message(process.stdout):
            if self._process is None:
                self._process = process
            else:
                self._hand_on(_decode(message))

    def _hand_on(self, found: Found) -> None:
        """Give an answer to whoever awaits it."""
        _, future = self._awaited.popleft()
        if not future.done():
            future.set_result(found)

    def _hand_on_nothing(self) -> None:
        """Let those who wait check for themselves."""
        while self._awaited:
            count, future = self._awaited.popleft()
            if not future.done():
                future.set_result([None] * count)


async def _message(stream: asyncio.StreamReader) -> bytes | None:
    """Read one message; None when there will be none any more."""
    try:
        (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
        return await stream.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def _ended(process: Process) -> None:
    """Let a process end because nothing more will come."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
