"""The process that checks lines for another one: tasks on stdin, what was found on stdout.

It ends when nobody is left to send anything, also where the other process was killed.
"""

import fcntl
import os
import signal
import sys
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import IO

import msgspec

from intake.checker import LENGTH
from intake.checking import Found, Task, found_in
from ledger.collection import collect_rarely

_PIPE_BYTES = 2**20


def main() -> None:
    """Answer one task after the other, the first message only saying that this process is there."""
    # Ctrl-C reaches every process of a terminal; the other one says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    answers = SimpleQueue[Found]()
    # Whoever asks reads only now and then; meanwhile the next task is worked on.
    Thread(target=_write, args=(answers, _taken_over(1)), daemon=True).start()
    answers.put([])
    decode = msgspec.msgpack.Decoder(Task).decode
    with _widened(0) as tasks:
        while len(length := tasks.read(LENGTH.size)) == LENGTH.size:
            answers.put(found_in(decode(tasks.read(LENGTH.unpack(length)[0]))))


def _write(answers: SimpleQueue[Found], stream: IO[bytes]) -> None:
    """Write answers as they come, until nobody reads them."""
    encode = msgspec.msgpack.Encoder().encode
    with suppress(BrokenPipeError):
        while True:
            message = encode(answers.get())
            stream.write(LENGTH.pack(len(message)) + message)
            stream.flush()


def _taken_over(descriptor: int) -> IO[bytes]:
    """Open a descriptor for answers alone; what a library prints goes elsewhere from now on."""
    own = os.dup(descriptor)
    os.dup2(sys.stderr.fileno(), descriptor)
    return _widened(own, "wb")


def _widened(descriptor: int, mode: str = "rb") -> IO[bytes]:
    """Open a pipe in which much may lie, where the system lets it."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return os.fdopen(descriptor, mode)


if __name__ == "__main__":
    main()
