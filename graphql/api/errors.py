"""Turn what goes wrong into GraphQL errors with stable codes; hide what is not for callers."""

import logging
import re
from contextvars import ContextVar
from random import Random

import psycopg
from graphql import GraphQLError

from domain.errors import Conflict, LedgerError, NotFound, Refused
from ledger.unavailable import Unavailable

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_INPUT = "BAD_USER_INPUT"
BAD_REQUEST = "BAD_REQUEST"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
NOT_YET_PROJECTED = "NOT_YET_PROJECTED"
TIMEOUT = "TIMEOUT"
UNAVAILABLE = "UNAVAILABLE"
INTERNAL = "INTERNAL_SERVER_ERROR"
TOO_DEEP = "TOO_DEEP"
TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
TOO_COSTLY = "TOO_COSTLY"
TOO_LONG = "TOO_LONG"
ABSENT = "MISSING_VALUE"
UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
UNTRUSTED_DOCUMENT = "UNTRUSTED_DOCUMENT"
UNKNOWN_POLICY = "UNKNOWN_POLICY"
OTHER_POLICY = "OTHER_POLICY"
TOO_FAST = "RATE_LIMITED"
INTROSPECTION = "INTROSPECTION_DISABLED"

AWAY = "The database cannot be reached right now; try again."

# The words in which graphql-core reports a null where the schema allows none.
_MISSING = re.compile(r"Cannot return null for non-nullable field (\S+)\.")

_log = logging.getLogger(__name__)
_chance = Random()  # noqa: S311 - asking the system for chance at every request would cost more

REFERENCE: ContextVar[str] = ContextVar("REFERENCE", default="")
"""The id of the request that is being answered, so that a fault can be found again in the log."""

_OF_LEDGER: tuple[tuple[type[LedgerError], str], ...] = (
    (Unavailable, UNAVAILABLE),
    (NotFound, "NOT_FOUND"),
    (Conflict, "CONFLICT"),
    (Refused, "REFUSED"),
    (LedgerError, "REFUSED"),
)


class Problem(GraphQLError):
    """Something a caller may know: a message and a stable code."""

    def __init__(self, message: str, code: str, **facts: object) -> None:
        """Carry the code, and what else helps, in the extensions."""
        super().__init__(message, extensions={"code": code, **facts})


class BadInput(Problem):
    """An argument or variable that cannot be used."""

    def __init__(self, message: str, **facts: object) -> None:
        """Say what is wrong with the input."""
        super().__init__(message, BAD_INPUT, **facts)


def problem_of(error: BaseException) -> GraphQLError:
    """Say what a caller may know of an error; everything unforeseen is logged under a reference."""
    match error:
        case GraphQLError() if error.original_error is None:
            return coded(error, BAD_INPUT)
        case LedgerError():
            code = next(code for kind, code in _OF_LEDGER if isinstance(error, kind))
            facts = {"reason": error.code, "field": error.field, "value": error.value}
            given = {name: fact for name, fact in facts.items() if fact is not None}
            return Problem(str(error), code, **given, cure=error.cure)
        case psycopg.errors.QueryCanceled() | TimeoutError():
            return Problem("This took too long and was stopped; ask for less.", TIMEOUT)
        case psycopg.DataError():
            return BadInput("A value is out of range or malformed where it is used.")
        case psycopg.OperationalError():
            return Problem(AWAY, UNAVAILABLE)
        case _:
            reference = REFERENCE.get() or new_reference()
            _log.error("request failed, reference %s", reference, exc_info=error)
            return Problem(
                f"Something went wrong here; the reference is {reference}.",
                INTERNAL,
                reference=reference,
            )


def masked(error: GraphQLError) -> GraphQLError:
    """Keep the place of an execution error and hide its cause where it is not for callers."""
    cause = error.original_error
    if cause is None:
        return coded(error, BAD_INPUT)
    missing = _MISSING.fullmatch(str(cause))
    if missing is None:
        shown = problem_of(cause)
    else:
        _log.warning("%s is missing at %s", missing[1], error.path)
        shown = Problem(f"{missing[1]} is promised and missing; nothing stands in for it.", ABSENT)
    return GraphQLError(shown.message, error.nodes, path=error.path, extensions=shown.extensions)


def new_reference() -> str:
    """Give an id for a request: no secret, only unlike the others of this and other processes."""
    return f"{_chance.getrandbits(64):016x}"


def code_of(error: GraphQLError) -> str:
    """Give the code that an error carries to callers."""
    return str((error.extensions or {}).get("code", INTERNAL))


def coded(error: GraphQLError, code: str) -> GraphQLError:
    """Give a code to an error that graphql-core raised before execution."""
    if error.extensions and "code" in error.extensions:
        return error
    return GraphQLError(
        # graphql-core speaks of Python's null; callers know their own.
        error.message.replace("not to be None.", "not to be null."),
        error.nodes,
        error.source,
        error.positions,
        error.path,
        extensions={**(error.extensions or {}), "code": code},
    )
