"""The witnesses that are asked to cosign, and how many of them make a checkpoint witnessed."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import Malformed, Refused
from ledger.note import Algorithm, Verifier

_QUORUM = re.compile(r"quorum ([1-9]\d?)")


class BadWitnesses(Refused):
    """The file {value} does not name witnesses: {reason}."""

    code = "bad_witnesses"
    cure = "Write 'witness <verifier key> <address>' in a line for each, and 'quorum <how many>'."


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness with its key and where it is asked."""

    key: Verifier
    url: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to ask, and how many must have signed."""

    witnesses: tuple[WitnessAddress, ...] = ()
    quorum: int = 0

    @property
    def keys(self) -> list[str]:
        """Give the keys of all witnesses."""
        return [witness.key.text for witness in self.witnesses]


def policy_in(path: Path | None) -> Policy:
    """Read the file of witnesses; none is named without one. Raises BadWitnesses."""
    if path is None:
        return Policy()
    witnesses, quorum = [], 0
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadWitnesses(value=path, reason=error) from error
    for line in filter(None, (line.partition("#")[0].strip() for line in lines)):
        match = _QUORUM.fullmatch(line)
        if match:
            quorum = int(match[1])
        else:
            witnesses.append(_witness(path, line))
    if not 1 <= quorum <= len({witness.key.text for witness in witnesses}):
        reason = f"a quorum of {quorum} of {len(witnesses)} witnesses makes no sense"
        raise BadWitnesses(value=path, reason=reason)
    return Policy(tuple(witnesses), quorum)


def _witness(path: Path, line: str) -> WitnessAddress:
    """Read the line of a witness. Raises BadWitnesses."""
    try:
        word, key, url = line.split()
        verifier = Verifier.parse(key)
        address = urlsplit(url)
    except (ValueError, Malformed, Refused) as error:
        raise BadWitnesses(value=path, reason=f"{line}: {error}") from error
    is_known = word == "witness" and address.scheme in {"http", "https"} and address.hostname
    if not is_known or verifier.algorithm is not Algorithm.COSIGNATURE:
        raise BadWitnesses(value=path, reason=f"{line}: no key of a witness, or no address")
    return WitnessAddress(verifier, url.rstrip("/"))
