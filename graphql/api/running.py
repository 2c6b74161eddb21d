"""Run the statements of a question at the two clocks, by spans where they tell."""

from api.clocks import Clocks
from api.database import Reader
from api.leaf import ABSENT_BYTE
from api.question import Asked, Question, asked_of
from api.reply import Reply
from api.standing import Standing


class Broken(Exception):
    """A compiled answer lacks a value that the schema promises."""


async def text_of(
    reader: Reader, asked: Asked, question: Question, standing: Standing, reply: Reply
) -> bytes:
    """Read the text of one root field, by spans where they tell. Raises Broken."""
    plan = asked.plan
    if plan.fixed is not None:
        return plan.fixed
    at = await standing.clocks(reader, asked)
    reply.read_at(plan.key, at)
    if plan.judging is not None:
        if at.settled is None:
            at = at._replace(settled=await reader.settled(at.known))
        if plan.can_read(at.known, at.settled):
            text = await _run(reader, asked, at, standing)
            if text is not None and ABSENT_BYTE not in text:
                return text
        asked = asked_of(plan.judging, question.variables)
    text = await _run(reader, asked, at, standing)
    if text is None or ABSENT_BYTE in text:
        raise Broken
    return text


async def _run(reader: Reader, asked: Asked, at: Clocks, standing: Standing) -> bytes | None:
    """Run the statement of one root field at the two clocks."""
    values = standing.values(asked, at)
    return await asked.plan.pace.text(reader, asked.plan.statement.text, values)
