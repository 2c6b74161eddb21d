"""Know what can be exported as a table, and what each is called in both languages."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from api.trusted import FOLDER, trusted_in

from domain.words import Words

READ: Final = "read."
"""Begins the name of a read model."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CHINESE_SHARE = 3
_END = re.compile(r"[：:,，。；;.]")


@cache
def documents() -> Mapping[str, str]:
    """Give the queries of the house by the names of their files."""
    found = trusted_in(FOLDER).documents
    return {name: text for name, text in found.items() if not name.startswith("sha256:")}


@cache
def operations() -> Mapping[str, Words]:
    """Give the operations of the house with their titles, which stand above each in its file."""
    return {name: _titles(name, text) for name, text in documents().items()}


def _titles(name: str, text: str) -> Words:
    """Read the titles of an operation from the comments above it."""
    comments = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
    chinese = [line for line in comments if _is_chinese(line)]
    english = [line for line in comments if not _is_chinese(line)]
    return Words(_begun(chinese, name), _begun(english, name))


def _is_chinese(line: str) -> bool:
    """Tell the language of a line; a unit in Chinese does not make it Chinese."""
    return len(_CHINESE.findall(line)) * _CHINESE_SHARE > len(line)


def _begun(lines: list[str], otherwise: str) -> str:
    """Give the first clause of what a comment says."""
    return _END.split(lines[0], maxsplit=1)[0].strip() if lines else otherwise
