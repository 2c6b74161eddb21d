"""Say in the house's own errors why something cannot be exported."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from api.errors import (
    NOT_YET_PROJECTED,
    TIMEOUT,
    TOO_FAST,
    UNAVAILABLE,
    UNKNOWN_DOCUMENT,
    code_of,
    problem_of,
)
from api.preparation import Refusal
from api.read_model import UNKNOWN_TABLE
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import LedgerError, NotFound, Refused
from server.problems import problem

_LATER: Final = frozenset({NOT_YET_PROJECTED, TIMEOUT, UNAVAILABLE})
_UNKNOWN: Final = frozenset({UNKNOWN_DOCUMENT, UNKNOWN_TABLE})


class QuestionRefused(Refused):
    """The question cannot be exported: {reason}."""

    cure = "Mend the query, its variables or the parameters; the message says which and where."


class UnknownExport(NotFound):
    """There is nothing to export under that name: {reason}."""

    cure = "GET /exports, or `lifecycle export list`, names what there is."


class NotNow(LedgerError):
    """This cannot be exported now: {reason}."""

    cure = "Ask again in a while, or for less."


class TooFastNow(LedgerError):
    """This token has asked for more than it may at once: {reason}."""

    code = "rate_limited"
    cure = "Ask again after {seconds} seconds."

    def __init__(self, *, reason: str, seconds: int) -> None:
        """Remember how long to wait."""
        super().__init__(reason=reason, seconds=seconds)
        self.seconds = seconds


async def too_fast(_: Request, error: Exception) -> Response:
    """Answer who has asked for too much, with the seconds to wait."""
    assert isinstance(error, TooFastNow)
    answer = problem(429, error.code, error.cure, message=str(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


class NothingToExport(NotFound):
    """No project is known and true under these clocks, so that there is nothing to hand out."""

    code = "nothing_to_export"
    cure = "Give a later `known` or `on`, other districts, or another project."


@contextmanager
def translated() -> Iterator[None]:
    """Raise what GraphQL and the database say as errors of the house."""
    try:
        yield
    except Refusal as refusal:
        raise _refused(refusal.errors[0]) from refusal
    except (GraphQLError, psycopg.Error, TimeoutError) as error:
        raise _refused(problem_of(error)) from error


def _refused(error: GraphQLError) -> LedgerError:
    """Choose the error of the house for one of GraphQL."""
    facts = error.extensions or {}
    code, reason = code_of(error), _placed(error)
    if code == TOO_FAST:
        return TooFastNow(reason=reason, seconds=facts["retryAfterSeconds"])
    kind = NotNow if code in _LATER else UnknownExport if code in _UNKNOWN else QuestionRefused
    refused = kind(reason=reason, field=facts.get("field"), value=facts.get("value"))
    refused.code = str(facts.get("reason") or code).lower()
    if "cure" in facts:
        refused.cure = str(facts["cure"])
    return refused


def _placed(error: GraphQLError) -> str:
    """Say what is wrong, and where in a query if it lies in one; the sentence goes on around it."""
    places = error.locations
    where = f" (line {places[0].line}, column {places[0].column})" if places else ""
    return f"{error.message.removesuffix('.')}{where}"
