"""Write a bundle: its files, the list of their digests, and the signed cover."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ledger.checkpoints import Signed
from ledger.evidence import cover
from ledger.evidence.container import writing
from ledger.note import Signer, signed_note
from ledger.signing import WrongKey


def write_bundle(
    target: Path, scope: str, signed: Signed, signer: Signer, files: Iterable[tuple[str, bytes]]
) -> int:
    """Write it whole or not at all, and give how many files it has.

    Raises TargetTaken and WrongKey.
    """
    origin = signed.checkpoint.origin
    own = replace(signer, name=origin)
    if own.verifier != signed.verifier:
        raise WrongKey(value=signer.verifier.text)
    digests: dict[str, str] = {}
    with writing(target) as sink:
        for name, data in files:
            sink.put(name, data)
            digests[name] = cover.digest(data)
        sums = cover.sums_of(digests)
        text = cover.Cover(origin, scope, signed.checkpoint.size, cover.digest(sums)).text
        sink.put(cover.SUMS, sums)
        sink.put(cover.COVER, signed_note(text, [own]).written.encode())
    return len(digests) + 2
