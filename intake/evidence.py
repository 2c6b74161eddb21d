"""Read the documents that prove a fact."""

import re
from collections.abc import Iterable
from typing import Any

from domain.envelope import Evidence
from domain.errors import Malformed

_FIELDS = frozenset({"id", "title", "sha256", "uri", "page"})
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST = 100
_LAST_PAGE = 1_000_000


def evidence_of(documents: Iterable[dict[str, Any]]) -> tuple[Evidence, ...]:
    """Read a list of documents. Raises Malformed."""
    read = tuple(_document(f"evidence.{at}", item) for at, item in enumerate(documents))
    if len(read) > _MOST:
        raise Malformed(
            code="invalid_value",
            field="evidence",
            value=f"{len(read)} documents",
            cure=f"Name at most {_MOST} documents a fact.",
        )
    return read


def _document(path: str, item: dict[str, Any]) -> Evidence:
    """Read one document."""
    for name in item:
        if name not in _FIELDS:
            raise Malformed(
                code="extra_field",
                field=f"{path}.{name}",
                cure="A document has id, title, sha256 and perhaps uri and page.",
            )
    digest = _text(path, item, "sha256").lower()
    if not _DIGEST.fullmatch(digest):
        raise _wrong(digest, f"{path}.sha256", "Send the document's SHA-256 as 64 hex digits.")
    page = item.get("page")
    if page is not None and (type(page) is not int or not 1 <= page <= _LAST_PAGE):
        raise _wrong(page, f"{path}.page", f"Send a whole number from 1 to {_LAST_PAGE}.")
    uri = None if item.get("uri") is None else _text(path, item, "uri")
    return Evidence(_text(path, item, "id"), _text(path, item, "title"), digest, uri, page)


def _text(path: str, item: dict[str, Any], name: str) -> str:
    """Give a text that must be there."""
    value = item.get(name)
    if value is None:
        raise Malformed(code="missing_field", field=f"{path}.{name}", cure=f'Add "{name}".')
    if type(value) is not str or not value.strip():
        raise _wrong(value, f"{path}.{name}", "Send a text.")
    return value


def _wrong(value: object, field: str, cure: str) -> Malformed:
    """Say that a part of a document cannot be what it is."""
    return Malformed(code="invalid_value", field=field, value=value, cure=cure)
