"""Ask the running ledger the questions to begin with, and lay the answers out for reading."""

import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
from api.engine import Engine
from api.request import Request

from server.questions import FIRST, Question

WIDTH = 100
"""Letters of a line."""


async def answered(engine: Engine) -> AsyncIterator[tuple[Question, str]]:
    """Ask the first questions and give each with its answer, laid out for reading."""
    for question in FIRST:
        answer = orjson.loads((await engine.answer(Request(question.query))).body)
        (data,) = (answer.get("data") or {"errors": answer}).values()
        yield question, "\n".join(laid_out(data))


def laid_out(value: Any, lead: str = "", indent: int = 0) -> list[str]:
    """Lay JSON out in lines; what fits into one line stands in one."""
    text = json.dumps(value, ensure_ascii=False)
    margin = " " * indent
    if indent + len(lead) + len(text) <= WIDTH or not isinstance(value, dict | list):
        return [f"{margin}{lead}{text}"]
    members = (
        [(f'"{name}": ', member) for name, member in value.items()]
        if isinstance(value, dict)
        else [("", member) for member in value]
    )
    lines = [f"{margin}{lead}{text[0]}"]
    for place, (name, member) in enumerate(members, 1):
        lines += laid_out(member, name, indent + 2)
        lines[-1] += "," if place < len(members) else ""
    return [*lines, f"{margin}{text[-1]}"]
