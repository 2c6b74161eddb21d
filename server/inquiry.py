"""Ask the ledger's own read models from the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from api.engine import Engine, Settings
from api.errors import TIMEOUT
from api.request import Request
from api.serving import engine_over
from api.weight import Limits

from domain.errors import Refused
from domain.words import Language
from projections.catalogue import VIEWS
from projections.runner import Runner
from server.terminal import progress

_PATIENT = Settings(Limits(cost=100_000_000), seconds=120)
"""The ledger's own operator may ask for a whole portfolio."""


class NotAnswered(Refused):
    """The question was not answered: {value}."""

    code = "not_answered"
    cure = "Say it otherwise, or look at `lifecycle status`."


class TookTooLong(NotAnswered):
    """The answer took longer than {value} seconds and was given up."""

    code = "took_too_long"
    cure = "Ask for {less}."


def follow(conninfo: str) -> None:
    """Let the read models follow the ledger to its end, whether a server runs or not."""
    with progress("Projecting") as move:
        Runner(conninfo, VIEWS).catch_up(move)


def patient_engine(conninfo: str) -> Engine:
    """Open an engine for one question after the other."""
    return engine_over(
        conninfo, connections=1, settings=_PATIENT, statement_seconds=_PATIENT.seconds
    )


def question(command: str) -> str:
    """Read what a command asks; it lies beside it."""
    return (Path(__file__).parent / "commands" / f"{command}.graphql").read_text(encoding="utf-8")


async def inquire(
    engine: Engine, text: str, variables: Mapping[str, Any], language: Language, *, less: str
) -> dict[str, Any]:
    """Ask, and give the data of the answer; `less` is what to ask for if that takes too long.

    Raises NotAnswered and TookTooLong.
    """
    request = Request(text, variables=variables, language=language)
    answer = orjson.loads((await engine.answer(request)).body)
    for error in answer.get("errors", ()):
        if error["extensions"]["code"] == TIMEOUT:
            raise TookTooLong(value=f"{_PATIENT.seconds:g}", less=less)
        raise NotAnswered(value=error["message"])
    data: dict[str, Any] = answer["data"]
    return data
