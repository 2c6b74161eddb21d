"""A small file is replaced whole or stays as it was, also where the disk has no room left."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.durable_file import write_durably

ROOM = 100


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow larger; as a full disk does, a part is taken first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_finds_no_room_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "state"
    write_durably(file, b"before")

    with room_for(ROOM), pytest.raises(OSError, match="too large"):
        write_durably(file, bytes(2 * ROOM))

    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]
