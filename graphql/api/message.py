"""Read a GraphQL request out of an HTTP body or a query string, and say what is wrong with it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from domain.errors import Malformed
from domain.exact_json import decode
from intake.repeated import may_repeat, refused_where_repeating

MEMBERS = ("query", "documentId", "operationName", "variables", "extensions")


class Unreadable(Exception):
    """A request that is no GraphQL request: the status and the message to answer with."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        """Carry what to answer."""
        super().__init__(message)
        self.status = status
        self.message = message


def from_body(body: bytes) -> dict[str, Any]:
    """Read a request from a JSON body; fractions in it stay exact. Raises Unreadable."""
    try:
        decoded = decode(body)
    except Malformed as error:
        message = f"The body must be a JSON object in UTF-8: {_found(error)}"
        raise Unreadable(HTTPStatus.BAD_REQUEST, message) from error
    if isinstance(decoded, list):
        message = "Batches are not answered; send each request by itself, several at a time."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    if not isinstance(decoded, dict):
        message = "The body must be a JSON object with a member `query`."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    if may_repeat(body, decoded):
        repeating = refused_where_repeating(body, decoded)
        if isinstance(repeating, Malformed):
            message = f"The body says `{repeating.field}` twice; send it once."
            raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    return from_members(decoded)


def _found(error: Malformed) -> str:
    """Say what was found, and where, instead of JSON, and what to do about it."""
    return f"{error.value}. {error.cure}"


def from_query_string(query_string: bytes) -> dict[str, Any]:
    """Read a request from the query string of a GET. Raises Unreadable."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except ValueError as error:
        message = "The query string is not readable as UTF-8."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message) from error
    members: dict[str, Any] = {name: value for name, value in pairs if name in MEMBERS}
    for name in ("variables", "extensions"):
        text = members.get(name)
        if text:
            try:
                members[name] = decode(text.encode())
            except Malformed as error:
                message = f"The parameter `{name}` must be JSON: {_found(error)}"
                raise Unreadable(HTTPStatus.BAD_REQUEST, message) from error
        else:
            members.pop(name, None)
    if not members.get("operationName"):
        members.pop("operationName", None)
    return from_members(members)


def from_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Check the types of the members that the specification names. Raises Unreadable."""
    query, document_id = members.get("query"), members.get("documentId")
    if document_id is not None and not (isinstance(document_id, str) and document_id):
        message = "`documentId` must be a string that names a trusted document."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    if not (query is None and document_id) and not (isinstance(query, str) and query):
        message = "`query` must be a string that holds a GraphQL document."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    name = members.get("operationName")
    if name is not None and not isinstance(name, str):
        message = "`operationName` must be a string."
        raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    for member in ("variables", "extensions"):
        value = members.get(member)
        if value is not None and not isinstance(value, dict):
            message = f"`{member}` must be a JSON object."
            raise Unreadable(HTTPStatus.BAD_REQUEST, message)
    return {
        "query": query or "",
        "documentId": document_id,
        "operationName": name,
        "variables": members.get("variables") or {},
    }
