"""Read the published directory with tlog-scales: checkpoint, tiles, entries, and how it grew."""

import sys
from pathlib import Path

from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash

folder, key = Path(sys.argv[1]), Vkey.from_string(sys.argv[2])
reader = TilesReader(LocalBackend(folder))
checkpoint = reader.get_checkpoint()
checkpoint.verify(key)
size, root = checkpoint.size, checkpoint.root_hash
if reader.calculate_root_hash() != root:
    sys.exit("the tiles do not lead to the root of the checkpoint")
for index in range(size):
    # Each entry against its place in the lowest tile, which the root has just been made from.
    if leaf_hash(reader.get_entry(index)) != reader.mth(index, index + 1):
        sys.exit(f"entry {index} is not what its leaf says")
for index in range(0, size, max(1, size // 50)):
    leaf = leaf_hash(reader.get_entry(index))
    reader.get_inclusion_proof(index, size).check(leaf, root)
    reader.get_consistency_proof(index + 1, size).check(reader.mth(0, index + 1), root)
sys.stdout.write(f"{size} entries\n")
