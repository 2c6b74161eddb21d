"""Who acts when somebody with access to the database itself uses the command line."""

from dataclasses import replace
from getpass import getuser

import msgspec

from domain.envelope import Actor
from intake.grant import Grant, Right


def _login() -> str:
    """Name the user of this machine; some containers have none."""
    try:
        return getuser()
    except (OSError, KeyError):
        return "operator"


OPERATOR = Grant(
    Actor(id=f"operator:{_login()}", org="Ledger office", role="operator"),
    frozenset(Right),
    at_console=True,
)
"""May do everything, as the database would let them anyway."""


def operator(name: str | None) -> Grant:
    """Give the operator's grant in somebody's name."""
    return OPERATOR if name is None else replace(OPERATOR, actor=_named(name))


def _named(name: str) -> Actor:
    return msgspec.structs.replace(OPERATOR.actor, name=name)
