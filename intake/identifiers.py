"""Make identifiers: UUIDs of version 7, which sort by the time they were made."""

import os
import time

_COUNTER_BITS = 12
_COUNTER = (1 << _COUNTER_BITS) - 1
_TAIL_BYTES = 8
_TAIL_DIGITS = 2 * _TAIL_BYTES
_DRAWN_AT_ONCE = 256
"""Asking the operating system for a few random bytes takes longer than all that is done with them;
so as many are drawn together."""
_RANDOM = int.from_bytes((2**62 - 1).to_bytes(_TAIL_BYTES) * _DRAWN_AT_ONCE)
_VARIANT = int.from_bytes((2**63).to_bytes(_TAIL_BYTES) * _DRAWN_AT_ONCE)
SALT_BYTES = 32


class IdentifierMaker:
    """Make UUIDv7 texts that increase strictly within a process. Source: RFC 9562, 5.7 and 6.2."""

    def __init__(self) -> None:
        """Start with no identifier made."""
        self._last = 0
        self._millisecond = -1
        self._head = ""
        self._tails = ""
        self._used = 0

    def __call__(self) -> str:
        """Give the next identifier.

        Milliseconds and a counter of twelve bits form one number; a counter that runs over borrows
        from the next millisecond, as the standard allows.
        """
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        self._last = last = tick if tick > self._last else self._last + 1
        if last >> _COUNTER_BITS != self._millisecond:
            self._millisecond = last >> _COUNTER_BITS
            written = f"{self._millisecond:012x}"
            self._head = f"{written[:8]}-{written[8:]}-7"
        if self._used == len(self._tails):
            self._tails, self._used = _tails(), 0
        start = self._used
        self._used = end = start + _TAIL_DIGITS
        tails = self._tails
        return (
            f"{self._head}{last & _COUNTER:03x}-{tails[start : start + 4]}-{tails[start + 4 : end]}"
        )


def _tails() -> str:
    """Draw the last 64 bits of many identifiers, the variant among them, as hexadecimal digits."""
    size = _TAIL_BYTES * _DRAWN_AT_ONCE
    drawn = int.from_bytes(os.urandom(size)) & _RANDOM | _VARIANT
    return drawn.to_bytes(size).hex()


class _Salts:
    """Gives random bytes, each of them once."""

    def __init__(self) -> None:
        """Start with nothing drawn."""
        self._drawn = b""
        self._used = 0

    def __call__(self) -> bytes:
        """Give the secret that keeps a person's name from being guessed from its commitment."""
        if self._used == len(self._drawn):
            self._drawn, self._used = os.urandom(SALT_BYTES * _DRAWN_AT_ONCE), 0
        start = self._used
        self._used = start + SALT_BYTES
        return self._drawn[start : self._used]


new_identifier = IdentifierMaker()
new_salt = _Salts()
