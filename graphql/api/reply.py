"""Put an answer together from the finished texts of its root fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError

from api.clocks import Clocks, UselessPolicy
from api.errors import OTHER_POLICY, UNKNOWN_POLICY, code_of
from api.plan import RootPlan
from api.wording import told, worded
from domain.errors import shortened

if TYPE_CHECKING:
    from api.standing import Standing

_NULL = b"null"


@dataclass(frozen=True)
class Answer:
    """The answer to a request: finished JSON and the position it is true at.

    `executed` is false where the request was refused before execution, so that there is no data.
    `whole` is true where it holds everything that was asked, compiled and without an error, so that
    it may be kept. `cost` is what it was weighed at, `codes` are those of its errors, `nothing`
    names the root fields that are null.
    """

    body: bytes
    executed: bool
    position: int | None = None
    is_forbidden_mutation: bool = False
    whole: bool = False
    cost: int = 0
    codes: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()

    @cached_property
    def etag(self) -> bytes:
        """Give the entity tag of the body: equal bytes have equal tags, and no others do."""
        return b'"%b"' % blake2b(self.body, digest_size=16).hexdigest().encode()


class Reply:
    """An answer in the making."""

    def __init__(self, standing: "Standing", cost: int) -> None:
        """Start empty, at a position."""
        self.standing = standing
        self._cost = cost
        self._members: list[bytes] = []
        self._errors: list[GraphQLError] = []
        self._read_at: dict[str, Clocks] = {}
        self._is_null = False
        self._nothing: list[str] = []

    def read_at(self, key: str, clocks: Clocks) -> None:
        """Note the clocks under which a root field is read."""
        self._read_at[key] = clocks

    def add(self, key: str, text: bytes) -> None:
        """Add the text of a root field."""
        if text == _NULL:
            self._nothing.append(key)
        self._members += (b",", b'"%b":' % key.encode(), text)

    def fail(self, root: RootPlan, problem: GraphQLError) -> None:
        """Add a root field that could not be read: null, or all data is, if it may not be null."""
        self._errors.append(
            GraphQLError(problem.message, root.node, path=[root.key], extensions=problem.extensions)
        )
        self._is_null = self._is_null or not root.nullable
        self.add(root.key, _NULL)

    def answer(self, *, is_whole: bool = True) -> Answer:
        """Give the finished answer; it is whole if nothing failed either."""
        errors = b""
        if self._errors:
            language = self.standing.present.language
            shown = [told(error, language) for error in self._errors]
            errors = b'"errors":%b,' % orjson.dumps(shown)
        extensions = self.standing.extensions(self._read_at)
        # Joined once, since every further copy of a long answer is felt.
        data = [b"null"] if self._is_null else [b"{", *self._members[1:], b"}"]
        return Answer(
            b"".join([b"{", errors, b'"data":', *data, b',"extensions":', extensions, b"}"]),
            executed=True,
            position=self.standing.present.position,
            whole=is_whole and not self._errors,
            cost=self._cost,
            codes=tuple(code_of(error) for error in self._errors),
            nothing=tuple(self._nothing),
        )


def notes(read_at: Mapping[str, Clocks], language: str) -> list[dict[str, Any]]:
    """Say what a reader should know of an answer: why all is grey under an unknown policy."""
    return [
        {
            "path": [*useless.named.path],
            "code": OTHER_POLICY if useless.is_known else UNKNOWN_POLICY,
            "message": worded(_why(useless, at.known), language),
        }
        for at in read_at.values()
        for useless in at.useless
    ]


def _why(useless: UselessPolicy, known: int) -> str:
    """Say why nothing can be judged by a policy."""
    policy = shortened(useless.named.policy)
    if useless.is_known:
        kind = useless.named.kind
        return f"Policy {policy} is not of the kind {kind}, so nothing is judged by it."
    return f"No policy {policy} was known at position {known}; `policies` lists those that were."


def refused(
    errors: list[GraphQLError], language: str = "en", *, is_forbidden_mutation: bool = False
) -> Answer:
    """Answer a request that was not executed: errors and no `data` at all."""
    body = orjson.dumps({"errors": [told(error, language) for error in errors]})
    return Answer(
        body,
        executed=False,
        is_forbidden_mutation=is_forbidden_mutation,
        codes=tuple(code_of(error) for error in errors),
    )
