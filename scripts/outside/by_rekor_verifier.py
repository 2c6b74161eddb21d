"""Check every proof of a bundle with rekor-verifier.

It fetches signed entries from Rekor alone; what it knows of trees is for everybody. So the root is
taken from the checkpoint as it is written.
"""

import sys
from base64 import b64decode, b64encode
from pathlib import Path

from rekor_verifier.merkle_proof import DEFAULT_HASHER, compute_leaf_hash, verify_inclusion

folder = Path(sys.argv[1])
_, size, root, *_ = (folder / "checkpoint").read_text().split("\n")
proofs = sorted((folder / "proofs").iterdir())
for file in proofs:
    _, index, *hashes = file.read_text().partition("\n\n")[0].split("\n")
    event = (folder / "events" / f"{file.name.partition('.')[0]}.json").read_bytes()
    try:
        verify_inclusion(
            DEFAULT_HASHER,
            int(index.removeprefix("index ")),
            int(size),
            compute_leaf_hash(b64encode(event)),
            [b64decode(line).hex() for line in hashes],
            b64decode(root).hex(),
        )
    except ValueError as error:
        sys.exit(f"{file.name}: {error}")
sys.stdout.write(f"{len(proofs)} proofs\n")
