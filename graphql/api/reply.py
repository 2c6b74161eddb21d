"""Put an answer together from the finished texts of its root fields."""

from dataclasses import dataclass

import orjson
from graphql import GraphQLError

from api.clocks import Clocks
from api.plan import RootPlan


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: finished JSON and the position it is true at.

    `executed` is false where the request was refused before execution, so that there is no data.
    """

    body: bytes
    executed: bool
    position: int | None = None
    is_forbidden_mutation: bool = False


class Reply:
    """An answer in the making."""

    def __init__(self, position: int, cost: int) -> None:
        """Start empty; the read models have reached the position."""
        self._position = position
        self._cost = cost
        self._members: list[bytes] = []
        self._errors: list[GraphQLError] = []
        self._read_at: dict[str, Clocks] = {}
        self._is_null = False

    def read_at(self, key: str, clocks: Clocks) -> None:
        """Note the clocks under which a root field is read."""
        self._read_at[key] = clocks

    def add(self, key: str, text: bytes) -> None:
        """Add the text of a root field."""
        self._members.append(b'"%b":%b' % (key.encode(), text))

    def fail(self, root: RootPlan, problem: GraphQLError) -> None:
        """Add a root field that could not be read: null, or all data is, if it may not be null."""
        self._errors.append(
            GraphQLError(problem.message, root.node, path=[root.key], extensions=problem.extensions)
        )
        self._is_null = self._is_null or not root.nullable
        self.add(root.key, b"null")

    def answer(self) -> Answer:
        """Give the finished answer."""
        data = b"null" if self._is_null else b"{%b}" % b",".join(self._members)
        errors = b""
        if self._errors:
            errors = b'"errors":%b,' % orjson.dumps([error.formatted for error in self._errors])
        extensions = {
            "position": self._position,
            "cost": self._cost,
            "asOf": {key: {"known": at.known, "on": at.on} for key, at in self._read_at.items()},
        }
        body = b'{%b"data":%b,"extensions":%b}' % (errors, data, orjson.dumps(extensions))
        return Answer(body, executed=True, position=self._position)


def refused(errors: list[GraphQLError], *, is_forbidden_mutation: bool = False) -> Answer:
    """Answer a request that was not executed: errors and no `data` at all."""
    body = orjson.dumps({"errors": [error.formatted for error in errors]})
    return Answer(body, executed=False, is_forbidden_mutation=is_forbidden_mutation)
