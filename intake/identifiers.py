"""Make identifiers: UUIDs of version 7, which sort by the time they were made."""

import os
import time

_COUNTER_BITS = 12
_RANDOM = 2**62 - 1
_RANDOM_BYTES = 8
_DRAWN_AT_ONCE = 8_192
_VARIANT = 2**63
_WRITTEN = "%08x-%04x-7%03x-%04x-%012x"
SALT_BYTES = 32


class IdentifierMaker:
    """Make UUIDv7 texts that increase strictly within a process. Source: RFC 9562, 5.7 and 6.2."""

    def __init__(self) -> None:
        """Start with no identifier made."""
        self._last = 0
        self._random = memoryview(b"")

    def __call__(self) -> str:
        """Give the next identifier.

        Milliseconds and a counter of twelve bits form one number; a counter that runs over borrows
        from the next millisecond, as the standard allows.
        """
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        self._last = tick if tick > self._last else self._last + 1
        millisecond, counter = divmod(self._last, 1 << _COUNTER_BITS)
        if not self._random:
            self._random = memoryview(os.urandom(_DRAWN_AT_ONCE))
        tail = int.from_bytes(self._random[:_RANDOM_BYTES]) & _RANDOM | _VARIANT
        self._random = self._random[_RANDOM_BYTES:]
        return _WRITTEN % (
            *(millisecond >> 16, millisecond & 0xFFFF, counter),
            *(tail >> 48, tail & 0xFFFF_FFFF_FFFF),
        )


new_identifier = IdentifierMaker()


def new_salt() -> bytes:
    """Give the secret that keeps a person's name from being guessed from its commitment."""
    return os.urandom(SALT_BYTES)
