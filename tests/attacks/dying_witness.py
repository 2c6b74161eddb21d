"""A witness that is killed at one step of writing its state: STEP FOLDER KEY < request."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from ledger import durable_file
from ledger.note import Algorithm, Signer, Verifier
from ledger.witness import Witness

STEPS = ("half written", "written", "not replaced", "replaced", "not answered")


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def half(descriptor: int, data: bytes) -> int:
    _write(descriptor, data[: len(data) // 2])
    die()
    return 0


_write = os.write


def main(step: str, folder: str, key: str) -> None:
    cosigner = Signer("audit.example/witness", bytes(range(32)), Algorithm.COSIGNATURE)
    witness = Witness(cosigner, [Verifier.parse(key)], Path(folder))
    match step:
        case "half written":
            os.write = half
        case "written":
            os.fsync = die
        case "not replaced":
            Path.replace = die  # type: ignore[method-assign, assignment]
        case "replaced":
            durable_file.sync_folder = die
    witness.add(sys.stdin.buffer.read())
    die()


if __name__ == "__main__":
    main(*sys.argv[1:])
