"""Who acts when somebody with access to the database itself uses the command line."""

from getpass import getuser

from domain.envelope import Actor
from intake.grant import Grant, Right


def _login() -> str:
    """Name the user of this machine; some containers have none."""
    try:
        return getuser()
    except (OSError, KeyError):
        return "operator"


OPERATOR = Grant(
    Actor(id=f"operator:{_login()}", org="Ledger office", role="operator"), frozenset(Right)
)
"""May do everything, as the database would let them anyway."""
