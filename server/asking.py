"""Say how questions are answered: what is kept, what is open, how much a caller may ask for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import Malformed

_YES = frozenset({"1", "on", "true", "yes"})
_NO = frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True)
class Asking:
    """The settings of GraphQL.

    `cache_mb` bounds the answers that are kept. `points` is how many objects a second the holder of
    a token may ask for; they are saved up for two minutes. With 0 there is no cache, or no limit.
    """

    cache_mb: int = 64
    points: int = 5_000
    introspection: bool = True
    only_trusted: bool = False


def asking_from(environment: Mapping[str, str] = os.environ) -> Asking:
    """Read the settings from the environment. Raises Malformed.

    `LIFECYCLE_GRAPHQL_CACHE_MB`, `LIFECYCLE_GRAPHQL_POINTS`, `LIFECYCLE_GRAPHQL_INTROSPECTION`,
    `LIFECYCLE_GRAPHQL_ONLY_TRUSTED`.
    """
    usual = Asking()
    return Asking(
        cache_mb=_number(environment, "LIFECYCLE_GRAPHQL_CACHE_MB", usual.cache_mb),
        points=_number(environment, "LIFECYCLE_GRAPHQL_POINTS", usual.points),
        introspection=_truth(
            environment, "LIFECYCLE_GRAPHQL_INTROSPECTION", default=usual.introspection
        ),
        only_trusted=_truth(
            environment, "LIFECYCLE_GRAPHQL_ONLY_TRUSTED", default=usual.only_trusted
        ),
    )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise _invalid(name, text, "Set it to a whole number, or leave it out.")
    return int(text)


def _truth(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = (environment.get(name) or "").lower()
    if not text:
        return default
    if text not in _YES | _NO:
        raise _invalid(name, text, "Set it to on or off, or leave it out.")
    return text in _YES


def _invalid(name: str, value: str, cure: str) -> Malformed:
    return Malformed(code="invalid_value", field=name, value=value, cure=cure)
