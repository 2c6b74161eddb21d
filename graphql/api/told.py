"""Say what a follower asked for and what it is told."""

from typing import NamedTuple

from api.question import Asked
from api.request import Request
from projections.answers.news import Wanted


class Told(NamedTuple):
    """One finished answer of a subscription, and the position to go on after.

    The body is the whole answer, the value only what stands in its root field.
    """

    position: int
    body: bytes
    value: bytes = b"null"


class Page(NamedTuple):
    """The next answers, the position to go on after, and how far there is something to read."""

    lines: list[Told]
    place: int
    upto: int

    @property
    def is_end(self) -> bool:
        """Tell whether everything has been read with this."""
        return not self.lines and self.place == self.upto


class Begun(NamedTuple):
    """A subscription that runs: what was asked, and its statement with its values."""

    request: Request
    text: str
    asked: Asked

    @property
    def key(self) -> tuple[str, ...]:
        """Give what is equal for those only who wait for the same."""
        request = self.request
        name, variables = request.operation_name or "", repr(request.variables)
        return self.text, name, variables, request.scope, request.language

    @property
    def wanted(self) -> Wanted:
        """Say which events can be answers."""
        is_of_events = self.asked.plan.node.name.value == "events"
        return Wanted.of(self.asked.times) if is_of_events else Wanted()
