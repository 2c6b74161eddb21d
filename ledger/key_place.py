"""Let a connection string say where the keys of persons lie, so that every connection knows.

It stands there as an option `lifecycle.person_keys`, which the server keeps as text and never uses.
Whoever connects without it can do everything but lock and read names of persons.
"""

import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from psycopg import AsyncConnection, Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.person_keys import PersonKeys

_OPTION: Final = "lifecycle.person_keys"
_NAMED = re.compile(rf"-c\s*{re.escape(_OPTION)}=((?:\\.|[^\\\s])+)")


def with_keys(conninfo: str, file: Path) -> str:
    """Say in a connection string where the keys lie, unless it says so itself."""
    options = options_of(conninfo)
    if _NAMED.search(options):
        return conninfo
    place = re.sub(r"([\\\s])", r"\\\1", str(file))
    return make_conninfo(conninfo, options=f"{options} -c {_OPTION}={place}".strip())


def options_of(conninfo: str) -> str:
    """Give the options that a connection will have."""
    own = conninfo_to_dict(conninfo).get("options")
    return str(own or os.environ.get("PGOPTIONS") or "")


def keys_of(connection: Connection[Any] | AsyncConnection[Any]) -> PersonKeys:
    """Give the keys that a connection names; without a file if it names none."""
    return _named(connection.pgconn.options)


@lru_cache(maxsize=256)
def _named(options: bytes) -> PersonKeys:
    found = _NAMED.search(options.decode())
    return _at(None if found is None else Path(re.sub(r"\\(.)", r"\1", found[1])))


@cache
def _at(file: Path | None) -> PersonKeys:
    """Give the one holder of a file in this process."""
    return PersonKeys(file)
