"""Other histories are shown; what left the building tells them from the one that was signed."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ledger.checkpoint import Checkpoint
from ledger.checkpoints import keep
from ledger.key_file import new_signer
from ledger.last_checkpoint import DamagedState
from ledger.note import Algorithm, Note, Signer
from ledger.proof import ProofFails, check_consistency
from ledger.reading import head
from ledger.signing import CannotSign, DatabaseBehind, DifferentTree, WrongKey
from ledger.tiles import consistency, read_tiles
from ledger.witness import Status, Witness
from ledger.witness_request import WitnessRequest
from tests.attacks.attack import attack
from tests.attacks.conftest import Prepared, Scene, copied
from tests.attacks.histories import KEPT, NAME, SIZE, Office, append, fact

Rebuild = Callable[..., Office]


def sign(office: Office) -> None:
    with psycopg.connect(office.database, autocommit=True) as connection:
        office.desk.sign(connection)


def cut_back(scene: Scene, size: int) -> None:
    """Set the database back to what it was at a size."""
    with scene.unguarded() as connection:
        for statement in (
            f"DELETE FROM ledger.events WHERE position > {size}",
            f"DELETE FROM ledger.heads WHERE size > {size}",
            f"DELETE FROM ledger.tiles WHERE (index + 1) * 256 ^ (level + 1) > {size}",
            f"DELETE FROM ledger.aliases WHERE position > {size}",
            f"DELETE FROM ledger.mentions WHERE position > {size}",
            f"DELETE FROM ledger.checkpoints WHERE size > {size}",
            (
                "DELETE FROM ledger.person_names AS n"
                " WHERE NOT EXISTS (SELECT FROM ledger.events AS e WHERE e.id = n.event)"
            ),
        ):
            connection.execute(statement.encode())


@attack(18, "restore an old backup", "the signer refuses; `lifecycle verify`: `checkpoints`")
def test_an_old_backup_is_not_signed(scene: Scene) -> None:
    cut_back(scene, 300)

    with pytest.raises(DatabaseBehind):
        sign(scene.office)
    verdict = scene.verify()
    assert (verdict.code, set(verdict.found)) == (1, {"checkpoints"})


@attack(19, "roll back and sign anew", "`lifecycle verify --against`: `against`")
def test_a_rollback_that_was_signed_anew_is_found(scene: Scene, prepared: Prepared) -> None:
    cut_back(scene, 300)
    scene.office.desk.last.path.write_text(prepared.notes[300])

    assert scene.verify().found == {}, "inside, nothing can show it"
    verdict = scene.verify("--against", scene.keep(KEPT))
    assert (verdict.code, set(verdict.found)) == (1, {"against"})


@attack(20, "rebuild history with the ledger's own key", "`lifecycle verify --against`: `against`")
def test_a_history_rebuilt_with_the_key_is_found(
    scene: Scene, prepared: Prepared, rebuilt: Rebuild
) -> None:
    other = Scene(rebuilt(100, key=prepared.office.signer), prepared)

    assert other.verify().found == {}, "inside, nothing can show it"
    verdict = other.verify("--against", scene.keep(KEPT))
    assert (verdict.code, set(verdict.found)) == (1, {"against"})


@attack(21, "rebuild history without the key", "`lifecycle verify --key`: `keys`, `against`")
def test_a_history_rebuilt_without_the_key_is_found(
    scene: Scene, prepared: Prepared, rebuilt: Rebuild
) -> None:
    other = Scene(rebuilt(100, key=new_signer(NAME)), prepared)
    key = prepared.office.signer.verifier.text

    verdict = other.verify("--key", key)
    assert (verdict.code, set(verdict.found)) == (1, {"keys"})
    verdict = other.verify("--against", scene.keep(KEPT))
    assert (verdict.code, set(verdict.found)) == (1, {"against"})


@attack(
    22,
    "rebuild only what came after the last checkpoint an auditor kept",
    "the signer refuses; `lifecycle verify`: `checkpoints`",
)
def test_a_rebuilt_tail_is_found(scene: Scene, prepared: Prepared, rebuilt: Rebuild) -> None:
    other = rebuilt(550, key=prepared.office.signer)
    # Whoever rules the database does not reach the file outside it.
    shutil.copy(scene.office.desk.last.path, other.desk.last.path)

    with pytest.raises(DifferentTree):
        sign(other)
    verdict = Scene(other, prepared).verify("--against", scene.keep(KEPT))
    assert (verdict.code, set(verdict.found)) == (1, {"checkpoints"})


@attack(23, "show two readers different histories", "a consistency proof between their checkpoints")
def test_two_histories_cannot_be_joined(scene: Scene, prepared: Prepared, rebuilt: Rebuild) -> None:
    other = rebuilt(100, key=prepared.office.signer)
    one = Checkpoint.of(Note.parse(prepared.notes[KEPT]))
    note = other.desk.last.read()
    assert note is not None
    two = Checkpoint.of(note)

    plan = consistency(KEPT, SIZE)
    for office in (scene.office, other):
        with psycopg.connect(office.database, autocommit=True) as connection:
            proof = plan.proof(read_tiles(connection, plan.wanted))
        with pytest.raises(ProofFails):
            check_consistency(one.size, one.root, two.size, two.root, proof)


@attack(
    24,
    "damage the verifier's own state",
    "`lifecycle verify`: `state`, which speaks of the file, not of fraud",
)
def test_a_damaged_state_is_reported_as_that(scene: Scene) -> None:
    path = scene.office.desk.last.path
    whole = path.read_bytes()
    for damaged in (b"", whole[:40], whole[:-3], b"\x00" * 100):
        path.write_bytes(damaged)

        verdict = scene.verify()
        assert (verdict.code, set(verdict.found)) == (1, {"state"})
        assert "does not hold a checkpoint any more" in verdict.messages
        with pytest.raises(DamagedState):
            sign(scene.office)
    path.unlink()
    assert set(scene.verify().found) == {"state"}
    with pytest.raises(CannotSign):
        sign(scene.office)


@attack(
    25,
    "give a damaged, foreign or unreadable checkpoint",
    "`lifecycle verify --against`: `against`, or a refusal",
)
def test_a_checkpoint_that_is_none_proves_nothing(scene: Scene, tmp_path: Path) -> None:
    kept = scene.keep(KEPT)
    whole = kept.read_bytes()
    foreign = Checkpoint("other.example", 1, bytes(32)).signed(new_signer("other.example"))
    for data in (b"", whole[:-5], whole.replace(b"\n500\n", b"\n501\n"), foreign.written.encode()):
        kept.write_bytes(data)

        verdict = scene.verify("--against", kept)
        assert (verdict.code, set(verdict.found)) == (1, {"against"}), data
    assert scene.verify("--against", tmp_path / "missing").code != 0
    assert scene.verify("--key", "no key").code != 0


LATER = datetime(2025, 1, 1, tzinfo=UTC)
COSIGNER = Signer("audit.example/witness", bytes(range(32)), Algorithm.COSIGNATURE)


@attack(
    52,
    "swap the file of the signing key, and sign with the other key",
    "the signer refuses; `lifecycle verify`: `signatures`; with `--key` `keys`",
)
def test_a_swapped_signing_key_is_found(scene: Scene, prepared: Prepared) -> None:
    thief, key = new_signer(NAME), prepared.office.signer.verifier.text
    scene.office.desk.keys.path.write_text(thief.text)
    append(scene.office.database, [fact(3, "LandAwarded", version="9")], lambda: LATER)

    with pytest.raises(WrongKey):
        sign(scene.office)
    assert scene.verify("--key", key).found == {}, "what was signed before stands"
    # Whoever rules the database and the folder signs past the signer, as if it had always been so.
    with psycopg.connect(scene.office.database) as connection:
        top = head(connection)
    note = Checkpoint(NAME, top.size, top.root).signed(thief)
    with scene.unguarded() as connection:
        keep(connection, note, thief.verifier, LATER)
    scene.office.desk.last.path.write_text(note.written)
    assert set(scene.verify().found) == {"signatures"}
    with scene.unguarded() as connection:
        connection.execute("DELETE FROM ledger.checkpoints WHERE size <= 600")
    assert scene.verify().found == {}, "inside, nothing can show it"
    assert set(scene.verify("--key", key).found) == {"keys"}


@attack(
    53,
    "let two machines write on under one key, each from the same state",
    "the witness, which refuses one; `lifecycle verify --against`: `against`",
)
def test_two_machines_with_one_key_are_told_apart(
    scene: Scene, prepared: Prepared, fresh: Callable[[str], str], tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    shutil.copytree(scene.office.folder, folder)
    other = Office(copied(prepared.office, fresh), folder)
    notes = []
    for office, number in ((scene.office, 3), (other, 4)):
        append(office.database, [fact(number, "LandAwarded", version="9")], lambda: LATER)
        notes.append(office.sign())
        assert Scene(office, prepared).verify().found == {}, "each by itself is whole"
        # Both continue what was kept before they parted.
        assert Scene(office, prepared).verify("--against", scene.keep(SIZE)).found == {}

    first = tmp_path / "first"
    first.write_text(notes[0])
    verdict = Scene(other, prepared).verify("--against", first)
    assert (verdict.code, set(verdict.found)) == (1, {"against"})
    witness = Witness(COSIGNER, [prepared.office.signer.verifier], tmp_path / "witness")
    answers = [
        witness.add(WitnessRequest(old, (), note).written.encode()).status
        for old, note in zip((0, SIZE + 1), notes, strict=True)
    ]
    assert answers == [Status.COSIGNED, Status.CONFLICT]
    assert [each.name.partition("-")[0] for each in (tmp_path / "witness/evidence").iterdir()] == [
        "fork"
    ]
    # With one file of what was signed last between them, the second does not sign at all.
    shutil.copy(scene.office.desk.last.path, other.desk.last.path)
    with pytest.raises(DifferentTree):
        sign(other)
