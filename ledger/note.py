"""Signed notes, the form in which checkpoints are published (C2SP signed-note).

A note is a text with signatures below it, each with the name of a key and the
first bytes of a hash that tells which. Of the kinds of signatures two are
known: Ed25519 over the text (1), and the timestamped cosignature of a witness
(4, C2SP tlog-cosignature). Signatures by keys that nobody asked about are
passed over; an asked key of another kind is refused.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Refused

_MARK = "— "
_LARGEST = 1_000_000
_MOST_SIGNATURES = 100
_KEY_BYTES = 32
_KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+]+")
_SIGNING = "PRIVATE+KEY"
_TIMESTAMP_BYTES = 8
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class MalformedNote(Refused):
    """This is no signed note: {reason}."""

    code = "malformed_note"
    cure = "Give the file as it was published, byte by byte."


class MalformedKey(Refused):
    """This is no key of a signed note: {reason}."""

    code = "malformed_key"
    cure = "Write a verifier key as <name>+<8 hexadecimal digits>+<base64>."


class BadSignature(Refused):
    """The note has no valid signature of {value}: {reason}."""

    code = "bad_signature"
    cure = (
        "Check that key and note belong together, or were parted by a rotation of the key; if they "
        "do, the note was altered."
    )


class Algorithm(IntEnum):
    """The kinds of signatures that are known, by the byte that stands for them."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note's text."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """Write it as it stands in the note."""
        return f"{_MARK}{self.name} {b64encode(self.key_id + self.data).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key with its name."""

    name: str
    public: bytes
    algorithm: Algorithm = Algorithm.ED25519

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that name the key in a signature."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[
            :_KEY_ID_BYTES
        ]

    @property
    def text(self) -> str:
        """Write the key as others take it: `<name>+<id>+<base64>`."""
        coded = b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{coded}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a verifier key. Raises MalformedKey."""
        name, identifier, data = _parts(text.strip())
        algorithm = _algorithm(data)
        if len(data) != 1 + _KEY_BYTES:
            raise MalformedKey(reason=f"a public key has {_KEY_BYTES} bytes")
        verifier = cls(name, data[1:], algorithm)
        if verifier.key_id.hex() != identifier:
            raise MalformedKey(reason=f"its id is {verifier.key_id.hex()}, not {identifier}")
        return verifier

    def accepts(self, text: str, signature: Signature) -> bool:
        """Tell whether a signature over a text is this key's."""
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        message, data = text.encode(), signature.data
        if self.algorithm is Algorithm.COSIGNATURE:
            stamp, data = data[:_TIMESTAMP_BYTES], data[_TIMESTAMP_BYTES:]
            message = cosigned(int.from_bytes(stamp, "big"), text)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """The private half of a key with its name."""

    name: str
    seed: bytes
    algorithm: Algorithm = Algorithm.ED25519

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read a signing key in the form that Go's note package writes. Raises MalformedKey."""
        if not text.startswith(f"{_SIGNING}+"):
            raise MalformedKey(reason=f"a signing key begins with {_SIGNING}")
        name, identifier, data = _parts(text.strip().removeprefix(f"{_SIGNING}+"))
        algorithm = _algorithm(data)
        if len(data) != 1 + _KEY_BYTES:
            raise MalformedKey(reason=f"a signing key has {_KEY_BYTES} bytes")
        signer = cls(name, data[1:], algorithm)
        if signer.verifier.key_id.hex() != identifier:
            raise MalformedKey(reason="its id is not that of its public key")
        return signer

    @property
    def text(self) -> str:
        """Write the key; whoever has this can sign."""
        coded = b64encode(bytes([self.algorithm]) + self.seed).decode()
        return f"{_SIGNING}+{self.name}+{self.verifier.key_id.hex()}+{coded}"

    @property
    def verifier(self) -> Verifier:
        """Give the public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Verifier(self.name, public, self.algorithm)

    def sign(self, text: str, *, at_second: int = 0) -> Signature:
        """Sign the text of a note; a cosignature also says at which second since 1970."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        if self.algorithm is Algorithm.COSIGNATURE:
            stamp = at_second.to_bytes(_TIMESTAMP_BYTES, "big")
            data = stamp + key.sign(cosigned(at_second, text))
        else:
            data = key.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, data)


def cosigned(second: int, text: str) -> bytes:
    """Give what a witness signs: when, and the note's text."""
    return f"cosignature/v1\ntime {second}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes | str) -> "Note":
        """Read a note. Raises MalformedNote."""
        written = _readable(data)
        text, separator, below = written.rpartition("\n\n")
        if not separator or not below.endswith("\n"):
            raise MalformedNote(reason="below the text there is no blank line with signatures")
        lines = below.removesuffix("\n").split("\n")
        if len(lines) > _MOST_SIGNATURES:
            raise MalformedNote(reason=f"it has more than {_MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(map(_signature, lines)))

    @property
    def written(self) -> str:
        """Give the note as it is published."""
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def check(self, verifiers: Sequence[Verifier]) -> list[Verifier]:
        """Give the keys that signed, one at least. Raises BadSignature.

        A signature that names one of the keys and is not its own spoils the note.
        """
        good = []
        for verifier in verifiers:
            own = [
                signature
                for signature in self.signatures
                if (signature.name, signature.key_id) == (verifier.name, verifier.key_id)
            ]
            if any(not verifier.accepts(self.text, signature) for signature in own):
                raise BadSignature(value=verifier.text, reason="the signature does not fit")
            good += [verifier] if own else []
        if not good:
            wanted = ", ".join(verifier.text for verifier in verifiers) or "any known key"
            signed = ", ".join(f"{each.name}+{each.key_id.hex()}" for each in self.signatures)
            raise BadSignature(value=wanted, reason=f"it is signed by {signed or 'nobody'}")
        return good


def signed_note(text: str, signers: Iterable[Signer]) -> Note:
    """Sign a text that ends with a line."""
    return Note(text, tuple(signer.sign(text) for signer in signers))


def _readable(data: bytes | str) -> str:
    """Give a note's characters. Raises MalformedNote."""
    if len(data) > _LARGEST:
        raise MalformedNote(reason="it is longer than a megabyte")
    try:
        written = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        raise MalformedNote(reason="it is not UTF-8") from error
    if not written:
        raise MalformedNote(reason="it is empty")
    if _CONTROL.search(written):
        raise MalformedNote(reason="it holds control characters")
    return written


def _signature(line: str) -> Signature:
    """Read one line of signatures. Raises MalformedNote."""
    name, _, coded = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not _NAME.fullmatch(name):
        raise MalformedNote(reason=f"a signature reads '— <name> <base64>', not {line!r}")
    try:
        data = b64decode(coded, validate=True)
    except (NotBase64, ValueError) as error:
        raise MalformedNote(reason=f"a signature is base64, not {coded!r}") from error
    if len(data) <= _KEY_ID_BYTES:
        raise MalformedNote(reason="a signature holds a key id and more")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def _parts(text: str) -> tuple[str, str, bytes]:
    """Take a key apart. Raises MalformedKey."""
    name, _, rest = text.partition("+")
    identifier, _, coded = rest.partition("+")
    if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-f]{8}", identifier):
        raise MalformedKey(reason="it lacks a name or an id of 8 hexadecimal digits")
    try:
        return name, identifier, b64decode(coded, validate=True)
    except (NotBase64, ValueError) as error:
        raise MalformedKey(reason="its last part is not base64") from error


def _algorithm(data: bytes) -> Algorithm:
    """Read the byte that says how a key signs. Raises MalformedKey."""
    try:
        return Algorithm(data[0] if data else 0)
    except ValueError as error:
        raise MalformedKey(reason=f"algorithm {data[:1].hex() or 'none'} is not known") from error
