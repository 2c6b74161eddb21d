"""Run the statements of a question at the two clocks, by spans where they tell."""

from api.clocks import Clocks, Present, clocks
from api.database import Reader
from api.leaf import ABSENT_BYTE
from api.question import Asked, Question, asked_of
from api.reply import Reply


class Broken(Exception):
    """A compiled answer lacks a value that the schema promises."""


async def text_of(
    reader: Reader, asked: Asked, question: Question, present: Present, reply: Reply
) -> bytes:
    """Read the text of one root field, by spans where they tell. Raises Broken."""
    plan = asked.plan
    if plan.fixed is not None:
        return plan.fixed
    at = await clocks(reader.connection, asked.times, present)
    reply.read_at(plan.key, at)
    if plan.judging is not None:
        settled = present.settled
        if settled is None or at.known != present.position:
            settled = await reader.settled(at.known)
        if plan.can_read(at.known, settled):
            text = await _run(reader, asked, at._replace(settled=settled))
            if text is not None and ABSENT_BYTE not in text:
                return text
        asked = asked_of(plan.judging, question.variables)
    text = await _run(reader, asked, at)
    if text is None or ABSENT_BYTE in text:
        raise Broken
    return text


async def _run(reader: Reader, asked: Asked, at: Clocks) -> bytes | None:
    """Run the statement of one root field at the two clocks."""
    statement = asked.plan.statement
    values = statement.clocked(asked.values, at.wire())
    return await asked.plan.pace.text(reader, statement.text, values)
