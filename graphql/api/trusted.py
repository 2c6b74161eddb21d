"""Know the documents that are trusted, by name and by digest, so that callers need not send them.

Source: GraphQL over HTTP, appendix "Persisted documents".
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from graphql import OperationDefinitionNode, parse

from api.errors import BAD_REQUEST, UNKNOWN_DOCUMENT, UNTRUSTED_DOCUMENT, Problem

FOLDER = Path(__file__).resolve().parents[1] / "operations"
_NAME_SHOWN = 100


class Trusted:
    """The trusted documents: by `sha256:` and digest, and by the name of their file."""

    def __init__(self, documents: Mapping[str, str] | None = None) -> None:
        """Trust documents, given by name."""
        texts = dict(documents or {})
        digests = {f"sha256:{sha256(text.encode()).hexdigest()}": text for text in texts.values()}
        self.documents: Mapping[str, str] = MappingProxyType(texts | digests)
        self._texts = frozenset(texts.values())

    def operations(self) -> frozenset[str]:
        """Name the operations in all of them."""
        return frozenset(
            part.name.value
            for text in self._texts
            for part in parse(text).definitions
            if isinstance(part, OperationDefinitionNode) and part.name is not None
        )

    def text(self, query: str, document_id: str | None, *, only: bool) -> str:
        """Give the document that is asked for. Raises Problem; `only` allows no other documents."""
        if document_id is None:
            if only and query not in self._texts:
                message = "Only trusted documents are answered here; send the documentId of one."
                raise Problem(message, UNTRUSTED_DOCUMENT)
            return query
        text = self.documents.get(document_id)
        if text is None:
            message = f"No trusted document is called {document_id[:_NAME_SHOWN]!r}."
            raise Problem(message, UNKNOWN_DOCUMENT)
        if query and query != text:
            message = "Send `query` or `documentId`, not two different documents."
            raise Problem(message, BAD_REQUEST)
        return text


def trusted_in(folder: Path = FOLDER) -> Trusted:
    """Trust every document in a folder."""
    return Trusted(
        {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.graphql"))}
    )
