"""Check lines by themselves, as another process may do ahead of their being taken in.

What depends on no other fact is checked here: each line is read, its payload validated and its
bytes made. Whatever is unusual is left to whoever takes the lines in, who meets it again.
"""

from collections.abc import Iterator

import msgspec

from domain.draft import Checked
from domain.envelope import Actor
from domain.errors import Malformed
from intake.cloudevents import read_lines
from intake.delivery import Delivery, Plain
from intake.drafting import checked_ahead
from intake.naming import plain_stream

Found = list[Plain | Checked | None]
"""What was found out about each line; None for one that must be looked at again."""


class Task(msgspec.Struct, array_like=True, gc=False):
    """Lines of one sender, and what their facts will say of who sent them and how."""

    lines: list[bytes]
    actor: Actor
    request_id: str
    batch_id: str | None = None
    first_row: int = 1


def found_in(task: Task) -> Found:
    """Check the lines of a task."""
    return list(_found(task))


def _found(task: Task) -> Iterator[Plain | Checked | None]:
    """Check one line after the other."""
    for row, parsed in enumerate(read_lines(task.lines), task.first_row):
        # Who else may be named as the actor is for the sender's grant to say.
        if isinstance(parsed, Malformed) or parsed.actor is not None:
            yield None
        elif task.batch_id is None:
            yield _checked(parsed, task)
        else:
            yield _checked(parsed.numbered(task.batch_id, row), task)


def _checked(delivery: Delivery, task: Task) -> Plain | Checked | None:
    """Check one delivery, and put a plain one where it says by itself that it belongs."""
    checked = checked_ahead(delivery, task.actor, task.request_id, None)
    if not isinstance(checked, Checked):
        return None
    try:
        stream = plain_stream(delivery)
        return checked if stream is None else Plain(checked.placed(stream), delivery.occurred_on)
    except Malformed:
        return None
