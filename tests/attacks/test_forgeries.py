"""What is forged about the ledger itself: checkpoints, keys, snapshots, files of proof."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from ledger.checkpoint import Checkpoint
from ledger.checkpoints import keep, rotation_text
from ledger.key_file import new_signer
from ledger.note import MalformedKey, MalformedNote, Note, Verifier, signed_note
from ledger.proof import BeyondTree, ProofFails
from ledger.publication import proven
from ledger.reading import head
from ledger.tlog_proof import MalformedProof, TlogProof
from server.administration import record
from server.house import opened
from server.settings import Settings
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import NAME

VERIFY = "`lifecycle verify`: "


def tell(scene: Scene, kind: str, payload: dict[str, Any]) -> None:
    """Record a fact about the ledger as its operator."""

    async def run() -> None:
        async with opened(Settings(data=scene.office.folder), scene.office.database) as house:
            await record(house, kind, payload, record_id=f"forged-{kind}", reason="forged")

    asyncio.run(run())


@attack(34, "slip in a checkpoint signed by another key", VERIFY + "`signatures`")
def test_a_checkpoint_of_a_foreign_key_is_found(scene: Scene) -> None:
    thief = new_signer(NAME)
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        top = head(connection)
        note = Checkpoint(NAME, top.size, top.root).signed(thief)
        keep(connection, note, thief.verifier, scene.office.desk._clock())

    assert scene.verify().found == {"signatures": 1}


@attack(57, "sign the same tree under another origin", VERIFY + "`checkpoints`")
@pytest.mark.parametrize("origin", ["ledger.example/other", NAME + "/replayed"])
def test_a_checkpoint_of_another_origin_is_found(scene: Scene, origin: str) -> None:
    signer = replace(scene.office.signer, name=origin)
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        top = head(connection)
        note = Checkpoint(origin, top.size, top.root).signed(signer)
        keep(connection, note, signer.verifier, scene.office.desk._clock())

    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, {"checkpoints": 1})


@attack(35, "change a kept checkpoint", VERIFY + "`signatures`, `checkpoints`")
def test_a_changed_checkpoint_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.checkpoints SET note = replace(note, E'\\n500\\n', E'\\n501\\n')"
            " WHERE size = 500"
        )
        connection.execute("UPDATE ledger.checkpoints SET root = sha256('') WHERE size = 300")

    assert scene.verify().found.keys() >= {"signatures", "checkpoints"}


@attack(36, "announce a key that the key before did not sign for", VERIFY + "`key_rotation`")
def test_a_rotation_that_was_not_handed_over_is_found(scene: Scene) -> None:
    thief = new_signer(NAME)
    text = rotation_text(NAME, thief.verifier)
    tell(
        scene,
        "KeyRotated",
        {
            "origin": NAME,
            "key_id": thief.verifier.key_id.hex(),
            "verifier_key": thief.verifier.text,
            "previous_key_id": scene.office.signer.verifier.key_id.hex(),
            "statement": signed_note(text, [thief]).written,
        },
    )

    assert scene.verify().found == {"key_rotation": 1}
    # The ledger goes on with its own key.
    note = Note.parse(scene.office.sign())
    assert note.check([scene.office.signer.verifier])


@attack(37, "say that streams ended elsewhere than they did", VERIFY + "`stream_heads`")
def test_a_false_snapshot_of_streams_is_found(scene: Scene) -> None:
    with psycopg.connect(scene.office.database) as connection:
        top = head(connection)
    tell(
        scene,
        "StreamHeads",
        {"size": top.size, "root": top.root.hex(), "streams": 20, "heads_root": "0" * 64},
    )

    assert scene.verify().found == {"stream_heads": 1}


@attack(56, "close a book behind entries that no closing holds", VERIFY + "`books`")
@pytest.mark.parametrize(("book", "after"), [("denials", 5), ("unknown", 0)])
def test_a_book_that_was_closed_with_a_gap_is_found(scene: Scene, book: str, after: int) -> None:
    closing = {"book": book, "after": after, "last": 9, "rows": 4, "digest": "0" * 64}
    tell(scene, "BookClosed", closing)

    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, {"books": 1})
    assert ("goes on from 5" if after else "does not know") in verdict.messages


@attack(38, "alter a proof file, or its version", "the check of the file")
def test_an_altered_proof_file_is_refused(scene: Scene) -> None:
    async def prove() -> tuple[TlogProof, bytes]:
        async with await psycopg.AsyncConnection.connect(scene.office.database) as connection:
            found = await proven(connection, scene.prepared.drafts[299].id)
        assert found.event.leaf_hash is not None
        return found.file, found.event.leaf_hash

    proof, leaf = asyncio.run(prove())
    keys = [scene.office.signer.verifier]
    written = proof.written
    assert TlogProof.parse(written.encode()).check(leaf, keys).size == 600
    lines = written.split("\n")
    for altered in (
        written.replace("proof@v1", "proof@v2"),
        written.replace("index 299", "index 0299"),
        written.replace("index 299", "position 299"),
        written.replace("\n\n", "\n", 1),
        written.replace(lines[2], "!", 1),
        "",
    ):
        with pytest.raises((MalformedProof, MalformedNote)):
            TlogProof.parse(altered.encode()).check(leaf, keys)
    for altered, error in (
        (written.replace("index 299", "index 298"), ProofFails),
        (written.replace("index 299", "index 600"), BeyondTree),
        (written.replace(f"{lines[2]}\n", "", 1), ProofFails),
        (written.replace(lines[2], lines[3], 1), ProofFails),
    ):
        with pytest.raises(error):
            TlogProof.parse(altered.encode()).check(leaf, keys)
    extra = TlogProof(proof.index, proof.hashes, proof.note, b"more")
    assert TlogProof.parse(extra.written.encode()) == extra
    with pytest.raises(MalformedProof):
        TlogProof.parse(b"\xff")


def test_a_key_of_an_unknown_algorithm_is_refused(scene: Scene) -> None:
    key = scene.office.signer.verifier.text
    # What is base64 may hold the sign that parts a key.
    name, identifier, coded = key.split("+", 2)

    with pytest.raises(MalformedKey, match="algorithm 06"):
        Verifier.parse(f"{name}+{identifier}+Bg{coded[2:]}")
    code = scene.verify("--key", f"{key}x").code
    assert code != 0
