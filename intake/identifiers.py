"""Make identifiers: UUIDs of version 7, which sort by the time they were made."""

import os
import time

_COUNTER_BITS = 12
SALT_BYTES = 32


class IdentifierMaker:
    """Make UUIDv7 texts that increase strictly within a process. Source: RFC 9562, 5.7 and 6.2."""

    def __init__(self) -> None:
        """Start with no identifier made."""
        self._last = 0

    def __call__(self) -> str:
        """Give the next identifier.

        Milliseconds and a counter of twelve bits form one number; a counter that runs over borrows
        from the next millisecond, as the standard allows.
        """
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        self._last = tick if tick > self._last else self._last + 1
        millisecond, counter = divmod(self._last, 1 << _COUNTER_BITS)
        tail = bytearray(os.urandom(8))
        tail[0] = tail[0] & 0x3F | 0x80
        digits = f"{millisecond:012x}7{counter:03x}{tail.hex()}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


new_identifier = IdentifierMaker()


def new_salt() -> bytes:
    """Give the secret that keeps a person's name from being guessed from its commitment."""
    return os.urandom(SALT_BYTES)
