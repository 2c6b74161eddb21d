"""Why the ledger cannot append at the moment, whatever the fact."""

from domain.errors import LedgerError


class Unavailable(LedgerError):
    """The database cannot be reached; whether the facts were recorded is not known."""

    code = "unavailable"
    cure = "Send the same facts again later; what was recorded is answered as a duplicate."


class Closed(Unavailable):
    """The ledger is closed."""

    code = "closed"
    cure = "Send the facts to a running server."


class ClockBehind(Unavailable):
    """The clock is {behind} behind the last recorded event."""

    code = "clock_behind"
    cure = "Set the machine's clock; nothing is appended until then."
