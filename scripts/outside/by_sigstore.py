"""Check a bundle's checkpoint and every proof in it with sigstore's own verifier."""

import logging
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError
from sigstore.models import TransparencyLogEntry
from sigstore_models.common import v1 as common
from sigstore_models.rekor import v1 as rekor

logging.disable()
folder = Path(sys.argv[1])
name, _, keyed = sys.argv[2].partition("+")
public = b64decode(keyed.partition("+")[2])[1:]
der = Ed25519PublicKey.from_public_bytes(public).public_bytes(
    Encoding.DER, PublicFormat.SubjectPublicKeyInfo
)
# A log's key is known by the first bytes of a digest of its name and key (C2SP signed-note).
known_as = sha256(name.encode() + b"\n\x01" + public).digest()
details = common.PublicKeyDetails.PKIX_ED25519
keyring = Keyring([common.PublicKey(raw_bytes=b64encode(der), key_details=details)])
note = (folder / "checkpoint").read_text()
_, size, root, *_ = note.split("\n")
proofs = sorted((folder / "proofs").iterdir())
for file in proofs:
    _, index, *hashes = file.read_text().partition("\n\n")[0].split("\n")
    event = (folder / "events" / f"{file.name.partition('.')[0]}.json").read_bytes()
    number = index.removeprefix("index ")
    try:
        proof = rekor.InclusionProof(
            log_index=number,
            root_hash=root,
            tree_size=size,
            hashes=hashes,
            checkpoint=rekor.Checkpoint(envelope=note),
        )
        entry = TransparencyLogEntry(
            rekor.TransparencyLogEntry(
                log_index=number,
                log_id=common.LogId(key_id=b64encode(known_as)),
                kind_version=rekor.KindVersion(kind="event", version="1"),
                integrated_time="0",
                inclusion_proof=proof,
                canonicalized_body=b64encode(event),
            )
        )
        verify_checkpoint(keyring, entry)
        verify_merkle_inclusion(entry)
    except (VerificationError, ValueError) as error:
        sys.exit(f"{file.name}: {error}")
sys.stdout.write(f"{len(proofs)} proofs\n")
