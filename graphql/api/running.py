"""Run the statements of a question at the two clocks, by spans where they tell."""

from api.clocks import Clocks
from api.database import Reader
from api.leaf import ABSENT_BYTE, MOVED
from api.question import Asked, Question, asked_of
from api.reply import Reply
from api.standing import Standing


class Broken(Exception):
    """A compiled answer lacks a value that the schema promises."""


class Moved(Exception):
    """More has happened than was known of when the question was asked."""


async def text_of(
    reader: Reader,
    asked: Asked,
    question: Question,
    reply: Reply,
    seen: str,
) -> bytes:
    """Read the text of one root field, by spans where they tell. Raises Broken and Moved."""
    plan, standing = asked.plan, reply.standing
    if plan.fixed is not None:
        return plan.fixed
    at = await standing.clocks(reader, asked)
    reply.read_at(plan.key, at)
    if plan.judging is not None:
        if at.settled is None:
            at = at._replace(settled=await reader.settled(at.known))
        if plan.can_read(at.known, at.settled):
            text = await _run(reader, asked, at, standing, seen)
            if text is not None and ABSENT_BYTE not in text:
                return text
        asked = asked_of(plan.judging, question.variables)
    text = await _run(reader, asked, at, standing, seen)
    if text is None or ABSENT_BYTE in text:
        raise Broken
    return text


async def _run(
    reader: Reader, asked: Asked, at: Clocks, standing: Standing, seen: str
) -> bytes | None:
    """Run the statement of one root field at the two clocks. Raises Moved."""
    values = standing.values(asked, at, seen)
    text = await asked.plan.pace.text(reader, asked.plan.statement.text, values)
    if text == MOVED:
        raise Moved
    return text
