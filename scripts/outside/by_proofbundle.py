"""Check every proof file of a bundle, with the checkpoint in it, with proofbundle."""

import sys
from pathlib import Path

from proofbundle.checkpoint import verify_checkpoint
from proofbundle.errors import ProofBundleError
from proofbundle.tlogproof import verify_tlog_proof

folder, key = Path(sys.argv[1]), sys.argv[2]
try:
    if not verify_checkpoint((folder / "checkpoint").read_text(), key)["ok"]:
        sys.exit("checkpoint: not signed with the key")
except ProofBundleError as error:
    sys.exit(f"checkpoint: {error}")
proofs = sorted((folder / "proofs").iterdir())
for file in proofs:
    event = (folder / "events" / f"{file.name.partition('.')[0]}.json").read_bytes()
    verdict = verify_tlog_proof(file.read_text(), event, key)
    if not verdict["ok"]:
        sys.exit(f"{file.name}: {verdict}")
sys.stdout.write(f"{len(proofs)} proofs\n")
