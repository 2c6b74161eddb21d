"""Record versions and record ids in an order people expect: 2 before 10, instants as instants."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_DIGITS = re.compile(r"[0-9]+")
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
    key = natural_key(text)
    return f"{key} {text}" if _PADDED.search(text) else key


def _sized(match: re.Match[str]) -> str:
    """Write a number after the count of its digits, so that the longer one sorts later."""
    digits = match[0].lstrip("0") or "0"
    return f"{len(digits):03d}{digits}"
