"""What was found to be one: which project is kept for which others, whatever they are called.

A link says that the project it lies with is also what it absorbs: other projects by their ids, or
names (national codes, records of other systems) that nobody else bears. A link may be taken back
like any fact; then each is itself again.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from domain.project_code import is_project_code

LINK: Final = "IdentitiesLinked"
_PROJECT: Final = "project"
_NAMES: Final = ("code:", "source:")


class Link(NamedTuple):
    """A project with what it absorbs, both by id; the last link in fold order counts."""

    keep: str
    absorbed: tuple[str, ...]
    order_key: str


def named(reference: str) -> str:
    """Give an absorbed identity in its one form: an id, `code:<code>` or `source:<record>`."""
    return f"code:{reference}" if is_project_code(reference) else reference


def is_name(reference: str) -> bool:
    """Tell whether an identity is only a name, and not a project of its own."""
    return named(reference).startswith(_NAMES)


def link_aliases(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Give what a link of projects makes known: names of the kept one, and projects by stream."""
    if payload["kind"] != _PROJECT:
        return ()
    each = map(named, payload["absorb"])
    return tuple(one if is_name(one) else f"{_PROJECT}/{one}" for one in each)


def kept_for(links: Iterable[Link]) -> dict[str, str]:
    """Give for every absorbed project the one that is kept in the end.

    Links may follow each other. Those that lead in a circle keep nobody, so they do nothing.
    """
    direct: dict[str, str] = {}
    for link in sorted(links, key=lambda link: link.order_key):
        direct |= {absorbed: link.keep for absorbed in link.absorbed if absorbed != link.keep}
    found = {}
    for absorbed in direct:
        seen, end = {absorbed}, direct[absorbed]
        while end in direct and end not in seen:
            seen.add(end)
            end = direct[end]
        if end not in seen:
            found[absorbed] = end
    return found
