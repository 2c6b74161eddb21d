"""Sign another tree of the same size with the ledger's own key, as a request to a witness."""

import sys
from dataclasses import replace
from pathlib import Path

from ledger.checkpoint import Checkpoint
from ledger.note import Note, Signer
from ledger.witness_request import WitnessRequest

key, checkpoint = map(Path, sys.argv[1:])
told = Checkpoint.of(Note.parse(checkpoint.read_bytes()))
signer = replace(Signer.parse(key.read_text().strip()), name=told.origin)
forked = replace(told, root=bytes(32)).signed(signer)
sys.stdout.write(WitnessRequest(told.size, (), forked.written).written)
