"""Check every proof of a bundle with scitt-cose.

It knows trees and no signed notes, so the root is taken from the checkpoint as it is written.
"""

import sys
from base64 import b64decode
from pathlib import Path

from scitt_cose.merkle import verify_inclusion

folder = Path(sys.argv[1])
_, size, root, *_ = (folder / "checkpoint").read_text().split("\n")
proofs = sorted((folder / "proofs").iterdir())
for file in proofs:
    _, index, *hashes = file.read_text().partition("\n\n")[0].split("\n")
    event = (folder / "events" / f"{file.name.partition('.')[0]}.json").read_bytes()
    path = [b64decode(line).hex() for line in hashes]
    number = int(index.removeprefix("index "))
    if not verify_inclusion(event.hex(), number, int(size), path, b64decode(root).hex()):
        sys.exit(f"{file.name} does not lead to the checkpoint")
sys.stdout.write(f"{len(proofs)} proofs\n")
