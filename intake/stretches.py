"""Send the lines of one sender to be checked, a little ahead of those that are taken in."""

from collections import deque
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from domain.envelope import Actor
from domain.errors import Malformed
from intake.checker import Checker
from intake.checking import Found, Task

MANY = 8_000
"""So many lines a sender must have brought before another process is started for the next ones."""

AHEAD = 2
"""So many stretches are being checked while another one is taken in: then neither process waits for
the other one whenever that was a little slower."""

Lines = Sequence[bytes | Malformed]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines, and what another process will find out about them, if they were sent to one."""

    lines: Lines
    _answers: Sequence[Awaitable[Found]] = ()

    @property
    def is_sent(self) -> bool:
        """Tell whether another process checks them."""
        return bool(self._answers)

    async def found(self) -> Found | None:
        """Give what was found out, or None if nobody was asked."""
        if not self.is_sent:
            return None
        return list(chain.from_iterable([await answer for answer in self._answers]))


class Stretches:
    """The lines of one sender on their way to being taken in."""

    def __init__(
        self, checker: Checker | None, actor: Actor, request_id: str, batch_id: str | None = None
    ) -> None:
        """Let a checker help, if there is one; the facts will say all this of their sender."""
        self._checker = checker
        self._actor = actor
        self._request_id = request_id
        self._batch_id = batch_id
        self._count = 0
        self._waiting = deque[Stretch]()

    def after(self, lines: Lines) -> Iterator[Stretch]:
        """Send lines off, and give what is to be taken in now: the ones some time before them.

        Where nobody checks ahead, the lines themselves come at once. The first ones are not sent:
        they are checked here while the next ones are checked there, instead of waiting for them.
        """
        checker, first = self._checker, self._count + 1
        self._count += len(lines)
        if checker is not None and self._count > MANY:
            checker.begin()
        if checker is None or not checker.is_there:
            yield from self.rest()
            yield Stretch(lines)
            return
        if not self._waiting:
            self._waiting.append(Stretch(lines))
            return
        sent = [b"" if isinstance(line, Malformed) else line for line in lines]
        task = Task(sent, self._actor, self._request_id, self._batch_id, first)
        self._waiting.append(Stretch(lines, checker.check(task)))
        if len(self._waiting) > AHEAD or not self._waiting[0].is_sent:
            yield self._waiting.popleft()

    def rest(self) -> Iterator[Stretch]:
        """Give what still waits to be taken in."""
        while self._waiting:
            yield self._waiting.popleft()
