"""Record versions and record ids in an order people expect: 2 before 10, instants as instants."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_DIGITS = re.compile(r"[0-9]+")
_COMMON = 32
_COUNTS = tuple(f"{count:03d}" for count in range(_COMMON))
_PADDED = re.compile(r"(?<![0-9])0[0-9]")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


@lru_cache(maxsize=65_536)
def version_key(text: str) -> str:
    """Give a text whose bytes sort as the versions do; instants are compared in UTC."""
    text = text.strip()
    if _INSTANT.fullmatch(text):
        try:
            instant = datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            return natural_key(text)
        text = instant.isoformat(timespec="microseconds")
    return natural_key(text)


def natural_key(text: str) -> str:
    """Give a text whose bytes sort numbers inside it by their size."""
    return _DIGITS.sub(_sized, text)


def unique_key(text: str) -> str:
    """Give a natural key no other text has: leading zeros, which sorting passes over, are told."""
    head = text.rstrip("0123456789")
    number = text[len(head) :]
    key, padded = _head_key(head)
    if number:
        digits = number.lstrip("0") or "0"
        padded = padded or digits != number
        count = len(digits)
        # Formatting a count takes longer than all the rest, so the common ones are at hand.
        written = _COUNTS[count] if count < _COMMON else f"{count:03d}"
        key = f"{key}{written}{digits}"
    return f"{key} {text}" if padded else key


@lru_cache(maxsize=65_536)
def _head_key(head: str) -> tuple[str, bool]:
    """Give the natural key of a text without its last number, and whether a number is padded.

    The records of one source mostly differ in their last number only.
    """
    return natural_key(head), _PADDED.search(head) is not None


def _sized(match: re.Match[str]) -> str:
    """Write a number after the count of its digits, so that the longer one sorts later."""
    digits = match[0].lstrip("0") or "0"
    return f"{len(digits):03d}{digits}"
