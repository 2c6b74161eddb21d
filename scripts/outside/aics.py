"""Check a bundle's checkpoint and every proof in it with aics-tlog."""

import sys
from base64 import b64decode
from pathlib import Path

from aics_tlog import parse_note, parse_vkey, verify_checkpoint, verify_leaf_inclusion

folder, key = Path(sys.argv[1]), parse_vkey(sys.argv[2])
result = verify_checkpoint(parse_note((folder / "checkpoint").read_text()), key)

if not result.ok:
    sys.exit(f"checkpoint: {result}")
proofs = sorted((folder / "proofs").iterdir())
for file in proofs:
    _, index, *hashes = file.read_text().partition("\n\n")[0].split("\n")
    event = (folder / "events" / f"{file.name.partition('.')[0]}.json").read_bytes()
    path = [b64decode(line) for line in hashes]
    number = int(index.removeprefix("index "))
    if not verify_leaf_inclusion(event, number, result.size, path, result.root):
        sys.exit(f"{file} does not lead to the checkpoint")
sys.stdout.write(f"{len(proofs)} proofs\n")
