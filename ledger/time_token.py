"""Outside time: RFC 3161 tokens over signed checkpoints.

An authority stamps the digest of a checkpoint. Recorded as an event, the token
brackets every fact: those under the checkpoint are older than it, those after
the event are younger.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from domain.errors import Refused

_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_GRANTED: Final = 0


class BadToken(Refused):
    """The time token is not what it should be: {reason}."""

    code = "bad_token"
    cure = "Ask the authority again; if it fails again, check the root certificate that you trust."


@dataclass(frozen=True, slots=True)
class Question:
    """A request to be stamped, and what was asked."""

    data: bytes
    digest: bytes
    nonce: int | None


def question(note: str) -> Question:
    """Ask for a checkpoint to be stamped; a nonce keeps old answers away."""
    written = note.encode()
    request = TimestampRequestBuilder(written, HashAlgorithm.SHA256).build()
    return Question(request.as_bytes(), sha256(written).digest(), request.nonce)


@dataclass(frozen=True, slots=True)
class TimeToken:
    """An authority's answer as it came."""

    data: bytes

    @classmethod
    def decode(cls, text: str) -> "TimeToken":
        """Read what an event holds. Raises BadToken."""
        try:
            return cls(b64decode(text, validate=True))
        except (NotBase64, ValueError) as error:
            raise BadToken(reason="it is not base64") from error

    @property
    def text(self) -> str:
        """Write it as an event holds it."""
        return b64encode(self.data).decode()

    def _response(self) -> TimeStampResponse:
        """Read the answer. Raises BadToken."""
        try:
            response = decode_timestamp_response(self.data)
        except ValueError as error:
            raise BadToken(reason=error) from error
        if response.status != _GRANTED:
            raise BadToken(reason=f"the authority refused: {' '.join(response.status_string)}")
        return response

    def stamped_at(self, digest: bytes) -> datetime:
        """Give the time of the stamp over a SHA-256 digest. Raises BadToken."""
        told = self._response().tst_info
        if told.message_imprint.hash_algorithm.dotted_string != _SHA256:
            raise BadToken(reason="it is not over a SHA-256 digest")
        if told.message_imprint.message != digest:
            raise BadToken(reason="it is over something else")
        return told.gen_time.astimezone(UTC)

    def check(
        self, digest: bytes, roots: Sequence[Certificate], nonce: int | None = None
    ) -> datetime:
        """Check also who stamped, up to a root that is trusted. Raises BadToken."""
        builder = VerifierBuilder(roots=list(roots), nonce=nonce)
        try:
            builder.build().verify(self._response(), digest)
        except (VerificationError, ValueError) as error:
            raise BadToken(reason=error) from error
        return self.stamped_at(digest)


def roots_in(path: Path) -> list[Certificate]:
    """Read the root certificates that are trusted. Raises BadToken."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadToken(reason=f"the root certificate {path} cannot be read: {error}") from error
